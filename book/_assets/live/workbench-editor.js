// The workbench: a proof of the reader's own, from its letters to its last line.
//
// The frame is text as well as the lines. It goes to the checker, which parses it and runs nothing
// of it; the page puts it into fields only.

(() => {
  const { button, choice, download, element, typeset, letters } = kl.ui;
  const { LONGEST, PREFIX, fromFragment, keep, kept, toFragment } = kl.proofs;
  const data = kl.workbenchData;
  const [NAME, KIND, TEXT] = [60, 200, 1000]; // characters
  const MOST = 20; // letters, and names
  const FILES = {
    "proof.ipynb": ["Notebook", "application/x-ipynb+json"],
    "proof.tex": ["LaTeX", "application/x-tex"],
  };
  const SHARED =
    "This proof came with the address. Nothing of it has been run: read it first, then press Check.";
  const UNREADABLE =
    "The address holds no proof that can be read here: it is damaged, too long, or of a later version.";

  /** Names with what they stand for: the letters, or the distributions and abbreviations. */
  class Names {
    constructor(bench, { title, one, empty, sort, longest, list, between, example }) {
      Object.assign(this, { bench, one, empty, sort, longest, list, between, example, rows: [] });
      this.box = element("ul", { class: "bench-names", role: "list", "data-of": one });
      const words = `Add a ${one}`;
      this.more = button(`+ ${one}`, () => this.add(), { class: "bench-more", "aria-label": words });
      this.node = element("fieldset", {}, element("legend", {}, title), this.box, this.more);
    }

    /** What is typed, without rows in which nothing is. */
    get pairs() {
      return this.rows.map(({ name, text }) => [name.value.trim(), text.value.trim()]);
    }

    get texts() {
      return Object.fromEntries(this.pairs.filter(([name, text]) => name || text));
    }

    fill(texts) {
      this.rows = Object.entries(texts).map(([name, text]) => this.row(name, text));
      this.show();
    }

    row(name, text) {
      const row = {
        name: field("bench-name", NAME, name, { placeholder: this.example[0] }),
        text: field("bench-text", this.longest, text, {
          list: this.list,
          placeholder: this.example[1],
        }),
        said: element("p", { class: "try-said", hidden: true }),
      };
      const remove = button("×", () => this.remove(row), { class: "try-small" });
      row.name.addEventListener("input", () => this.show());
      const sign = element("span", { class: "bench-sign", "aria-hidden": true }, this.between);
      row.node = element("li", {}, row.name, sign, row.text, remove, row.said);
      row.remove = remove;
      return row;
    }

    /** Put the rows in place, and say of each field what it is for. */
    show() {
      if (this.box.children.length !== this.rows.length || this.isMixed()) {
        this.box.replaceChildren(...this.rows.map((row) => row.node));
      }
      this.rows.forEach((row, place) => {
        const name = row.name.value.trim() || `${this.one} ${place + 1}`;
        row.said.id = `bench-${this.one}-${place}`;
        row.name.setAttribute("aria-label", `Name of ${this.one} ${place + 1}`);
        row.text.setAttribute("aria-label", `${this.sort} ${name}`);
        row.remove.setAttribute("aria-label", `Remove ${name}`);
        for (const part of [row.name, row.text]) {
          part.setAttribute("aria-describedby", row.said.id);
        }
      });
      this.more.disabled = this.rows.length >= MOST;
    }

    isMixed() {
      return this.rows.some((row, place) => this.box.children[place] !== row.node);
    }

    add() {
      const row = this.row("", "");
      this.rows.push(row);
      this.show();
      row.name.focus();
      this.bench.edited(row.name);
    }

    remove(row) {
      const place = this.rows.indexOf(row);
      this.rows.splice(place, 1);
      this.show();
      (this.rows[place]?.name ?? this.more).focus();
      this.bench.edited(this.more);
    }

    say(row, fault) {
      row.said.textContent = fault;
      row.said.hidden = !fault;
      row.said.classList.toggle("wrong", Boolean(fault));
      for (const part of [row.name, row.text]) part.setAttribute("aria-invalid", Boolean(fault));
    }

    clear() {
      for (const row of this.rows) this.say(row, "");
    }

    /** Say at its row what is missing; returns the first fault. */
    missing() {
      const seen = new Set();
      let first;
      for (const row of this.rows) {
        const [name, text] = [row.name.value.trim(), row.text.value.trim()];
        let fault;
        if (text && !name) fault = `Which ${this.one} is this? Type its name.`;
        if (name && !text) fault = `${name}: ${this.empty}`;
        if (name && seen.has(name)) fault = `${name}: this name stands here twice.`;
        seen.add(name);
        if (fault) this.say(row, fault);
        first ??= fault;
      }
      return first;
    }

    /** Put a sentence of the checker's at the row that it is about; is there one? */
    place(sentence) {
      const names = ({ name: { value } }) => value.trim() && sentence.startsWith(`${value.trim()}: `);
      const row = this.rows.find(names);
      if (row) this.say(row, sentence);
      return Boolean(row);
    }
  }

  function field(name, longest, value, more = {}) {
    const node = element("input", {
      type: "text",
      class: name,
      spellcheck: "false",
      autocapitalize: "off",
      autocomplete: "off",
      autocorrect: "off",
      maxlength: longest,
      ...more,
    });
    node.value = value;
    return node;
  }

  class Workbench extends kl.ProofEditor {
    constructor() {
      super({
        id: "workbench-title",
        label: (place) => `(1${letters(place)})`,
        movable: true,
        jobOf: (lines) => ({ proof: JSON.stringify({ ...this.proof, lines }) }),
        typesetJob: (text) => ({
          typeset: text,
          proof: JSON.stringify({ ...this.proof, lines: [] }),
        }),
        refusal: (lines) => this.refuse(lines),
        praise: () => "Every line holds.",
      });
      this.letters = new Names(this, {
        title: "Letters, and what they run through",
        one: "letter",
        sort: "Kind of",
        empty: "what is it? Type a kind, such as real().",
        longest: KIND,
        list: "bench-kinds",
        example: ["mu", "real()"],
        between: ":",
      });
      this.meanings = new Names(this, {
        title: "Distributions and abbreviations",
        one: "name",
        sort: "Meaning of",
        empty: 'what is it? Type a distribution, such as gaussian("0", "1"), or an expression.',
        longest: TEXT,
        list: "bench-families",
        example: ["q", 'gaussian("mu", "sigma**2")'],
        between: "=",
      });
      this.title = element("p", { class: "try-title", id: "workbench-title", tabindex: -1 });
      this.title.textContent = "Your proof";
      this.notice = element("p", { class: "bench-notice", hidden: true }, SHARED);
      this.formulas = element("div", { class: "try-formulas", hidden: true });
      this.form.classList.add("bench");
      this.form.prepend(
        element("div", { class: "try-head" }, this.title),
        this.notice,
        this.starts(),
        element("div", { class: "bench-frame" }, this.letters.node, this.meanings.node),
        this.formulas,
        element("p", { class: "bench-legend", id: "bench-lines" }, "Lines, each with its reason"),
      );
      this.list.setAttribute("aria-labelledby", "bench-lines");
      this.list.after(this.palette());
      this.form.append(this.keepers(), ...this.lists());
      this.form.addEventListener("focusin", ({ target }) => {
        if (target.matches(".try-text, .bench-text")) this.last = target;
      });
    }

    /** What to start from, and the way back. */
    starts() {
      const pairs = data.starts.map(([words], place) => [place, words]);
      this.start = choice("Start from", [["", "…"], ...pairs], (place) => this.startFrom(place));
      this.undo = button("Back to what stood here", () => this.goBack(), { hidden: true });
      return element("div", { class: "bench-starts" }, this.start.node, this.undo);
    }

    lists() {
      const options = (id, texts) =>
        element("datalist", { id }, ...texts.map((value) => element("option", { value })));
      return [options("bench-kinds", data.kinds), options("bench-families", data.families)];
    }

    /** The language, a button for each form. */
    palette() {
      const fold = element("details", { class: "bench-palette" });
      fold.append(element("summary", {}, "The language: press to insert"));
      fold.addEventListener("toggle", () => this.fillPalette(fold), { once: true });
      return fold;
    }

    fillPalette(fold) {
      for (const [title, forms] of Object.entries(data.palette)) {
        const box = element("div", { class: "bench-forms", role: "group", "aria-label": title });
        fold.append(element("p", { class: "bench-legend" }, title), box);
        for (const [form, latex, words] of forms) {
          const look = element("span", { class: "math notranslate nohighlight" }, form);
          const label = words ? `${form}: ${words}` : form;
          const code = element("code", {}, form);
          box.append(button("", () => this.insert(form), { "aria-label": label, title: words }));
          box.lastChild.append(look, code);
          if (latex) typeset(look, [latex], form);
          else look.remove();
        }
      }
    }

    /** Type a form where the cursor was, and mark what is to be put in its place. */
    insert(form) {
      const target = this.last?.isConnected ? this.last : this.rows.at(-1).field;
      const at = target.selectionStart;
      target.setRangeText(form, at, target.selectionEnd, "end");
      target.focus();
      const inner = form.match(/(?<=[([])[^()[\],|]+/);
      if (inner) target.setSelectionRange(at + inner.index, at + inner.index + inner[0].length);
      target.dispatchEvent(new Event("input", { bubbles: true }));
    }

    /** What can be taken along. */
    keepers() {
      this.savers = Object.entries(FILES).map(([name, [words, type]]) => {
        const press = () => this.save(name, type);
        return button(words, press, { "aria-label": `Download as ${words}: ${name}` });
      });
      const hidden = { "aria-label": "Link", readonly: true, hidden: true };
      this.link = element("input", { type: "text", ...hidden });
      const copy = button("Copy link", () => this.share());
      const box = element("div", { class: "try-buttons bench-keep" });
      box.append(element("span", {}, "Take it along"), copy, ...this.savers, this.link);
      return box;
    }

    get proof() {
      const lines = this.lines.filter(([text, reason]) => text || reason);
      const frame = { given: this.letters.texts, meanings: this.meanings.texts };
      return { version: 1, frame, lines };
    }

    put({ frame, lines }, isShared = false) {
      this.stop();
      this.notice.hidden = !isShared;
      this.letters.fill(frame.given);
      this.meanings.fill(frame.meanings);
      const rows = lines.length ? lines : [["", ""]];
      this.fill(rows.map(([text, reason]) => ({ text, reason })));
      this.forget();
    }

    /** Put a proof in the place of the one that is here, which can be had back if it is new. */
    replace(proof, words, isShared = false) {
      const here = this.proof;
      if (!data.starts.some(([, start]) => JSON.stringify(start) === JSON.stringify(here))) {
        this.before = here;
        this.undo.hidden = false;
      }
      this.put(proof, isShared);
      this.keep();
      this.say(words);
    }

    keep() {
      keep({ proof: this.proof, isShared: !this.notice.hidden });
    }

    startFrom(place) {
      const [words, proof] = data.starts[place] ?? [];
      if (proof) this.replace(proof, `Started from: ${words}.`);
    }

    goBack() {
      this.start.select.value = "";
      this.replace(this.before, "What stood here is back.");
    }

    /** What was checked, and what was made of it, is no longer what stands here. */
    forget() {
      this.files = undefined;
      this.formulas.hidden = true;
      this.link.hidden = true;
      for (const saver of this.savers) saver.setAttribute("aria-disabled", true);
    }

    edited(field) {
      super.edited(field);
      this.forget();
      this.keep();
    }

    show() {
      super.show();
      for (const row of this.rows) row.remove.disabled = this.rows.length === 1;
    }

    clear() {
      super.clear();
      this.letters.clear();
      this.meanings.clear();
    }

    refuse(lines) {
      const faults = [this.letters.missing(), this.meanings.missing()];
      if (!lines.length) faults.push("There is no line yet. Type what you start from.");
      const fault = faults.find(Boolean);
      if (fault) this.form.dataset.said = "wrong";
      return fault;
    }

    async answer(result, rows) {
      this.notice.hidden = true;
      this.keep();
      const { error, files, given } = result;
      if (error) this.letters.place(error) || this.meanings.place(error);
      this.files = files;
      for (const saver of this.savers) saver.setAttribute("aria-disabled", !files);
      this.formulas.hidden = !given?.length;
      if (given?.length) typeset(this.formulas, given, given.join("\n"));
      await super.answer(result, rows);
    }

    share() {
      const fragment = toFragment(this.proof);
      if (!fragment) {
        const most = LONGEST.toLocaleString("en");
        return this.say(`This proof is too long for an address, which has ${most} characters.`);
      }
      this.link.value = location.href.replace(/#.*/, "") + fragment;
      this.link.hidden = false;
      const byHand = () => {
        this.link.select();
        this.say("The link stands in the field: copy it from there.");
      };
      const copied = navigator.clipboard?.writeText(this.link.value);
      if (copied) copied.then(() => this.say("The link is copied."), byHand);
      else byHand();
    }

    save(name, type) {
      if (!this.files) return this.say("Check the proof first: files hold what was checked.");
      download(name, this.files[name], type);
      this.say(`${name} is downloaded.`);
    }

    /** Show what an address holds, as text; nothing of it is run. */
    open() {
      const { hash, pathname, search } = location;
      if (hash.startsWith(PREFIX)) {
        const shared = fromFragment(hash);
        // The proof is kept from now on as it is changed here, and a reload shows that.
        history.replaceState(null, "", pathname + search);
        if (shared) this.replace(shared, "The proof of the address stands in the fields.", true);
        else this.say(UNREADABLE);
      }
      this.title.focus();
    }
  }

  let bench;

  /** Open the workbench in the place of its button. */
  kl.openWorkbench = (opener) => {
    if (!bench) {
      bench = new Workbench();
      const { proof, isShared } = kept() ?? { proof: data.starts[0][1] };
      bench.put(proof, isShared);
      opener.parentElement.after(bench.form);
      opener.parentElement.hidden = true;
      bench.show(); // fields have a height only where they are seen
    }
    bench.open();
  };
})();
