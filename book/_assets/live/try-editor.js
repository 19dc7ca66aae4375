// The editor of a derivation: what is given and the first line stand fixed, each other line is a
// field with its reason, and the checker answers below.
//
// What the reader types goes into fields and to the checker, and comes back as LaTeX that the
// checker has made of it; it is never put into the page as HTML.

(() => {
  const MARKS = {
    holds: ["✓", "holds"],
    broken: ["✗", "does not hold"],
    inherits: ["↳", "follows from a wrong line"],
    cancels: ["↺", "comes back to the right value"],
    unchecked: ["?", "could not be checked"],
  };
  const LONGEST = 1000; // characters of a line or a reason, as in kl_utils/derivation/spelling.py
  const MOST = 60; // lines
  const NO_ENGINE = "The checker could not be loaded here. The page itself lacks nothing.";
  // The checker writes none of these. Should one ever slip through, the report stays plain text.
  const UNWANTED =
    /\\(?:href|url|html\w*|class|cssId|style|data|require|def|g?let|(?:re)?newcommand|newenvironment|unicode|action\w*|toggle|mathtip|texttip|bbox)(?![a-zA-Z])/;
  // The sentence at a report's foot stands above it already, where it is read out.
  const SUMMARY = / \\\\\[6pt\]\n&\\small \\text\{(?:Numerically c|C)hecked at [^]*(?=\n\\end\{)/;
  let running; // the editor whose check is under way: there is one checker for the page

  function element(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children);
    return node;
  }

  /** A button; its name is for those who cannot see where it stands. */
  function button(words, press, attributes = {}) {
    const node = element("button", { type: "button", ...attributes }, words);
    node.addEventListener("click", press);
    return node;
  }

  // One formula after the other, behind those of the page.
  let typesetting = Promise.resolve();

  /** Show LaTeX in a box, as the page shows its own: a display, or a list of short formulas. */
  function typeset(box, latex, plain) {
    const asText = () => box.replaceChildren(element("pre", { tabindex: 0 }, plain));
    if (!window.MathJax?.startup || UNWANTED.test(latex)) {
      asText();
      return Promise.resolve();
    }
    typesetting = typesetting
      .then(() => MathJax.startup.promise)
      .then(() => {
        MathJax.typesetClear([box]);
        const formula = (tex) => element("span", { class: "math" }, `\\(${tex}\\)`);
        box.replaceChildren(...(Array.isArray(latex) ? latex.map(formula) : [latex]));
        return MathJax.typesetPromise([box]);
      })
      .then(() => {
        // The page has the numbers of these lines already, and links lead to those.
        for (const tag of box.querySelectorAll('[id^="mjx-eqn"]')) tag.removeAttribute("id");
      })
      .catch(asText);
    return typesetting;
  }

  /** a, b, …, z, aa, ab, … */
  function letters(position) {
    const last = String.fromCharCode(97 + (position % 26));
    return (position < 26 ? "" : letters(Math.floor(position / 26) - 1)) + last;
  }

  /** A field as high as what stands in it, and on one line whatever is pasted. */
  function fit(field) {
    if (CSS.supports("field-sizing", "content")) return;
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight + 2}px`;
  }

  const oneLine = (text) => text.replace(/\s+/g, " ").trim();

  class Editor {
    constructor(opener, number, job) {
      Object.assign(this, { opener, number, job, checks: 0, rows: [] });
      const id = `try-${number.replace(".", "-")}`;
      const words = job.refuted ? "Mend it" : "Try it";
      this.title = element("p", { class: "try-title", id, tabindex: -1 }, `${words}: (${number})`);
      const close = button("Close", () => this.toggle(false), { "aria-label": "Close the editor" });
      this.list = element("ol", { class: "try-lines", role: "list" });
      this.checkButton = element("button", { type: "submit", class: "try-check" }, "Check");
      this.stopButton = button("Stop", () => this.stop(), { hidden: true });
      this.progress = element("progress", { max: 1, hidden: true, "aria-hidden": "true" });
      this.status = element("p", { class: "try-status", role: "status" });
      this.report = element("div", { class: "math notranslate nohighlight", hidden: true });
      this.form = element(
        "form",
        { class: "try-editor", "aria-labelledby": id },
        element("div", { class: "try-head" }, this.title, close),
        this.introduction(),
        this.given(),
        this.list,
        element(
          "div",
          { class: "try-buttons" },
          this.checkButton,
          this.stopButton,
          button("Reset", () => this.reset()),
          this.progress,
        ),
        this.status,
        this.report,
      );
      this.form.noValidate = true;
      this.form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.check();
      });
      this.form.addEventListener("input", ({ target }) => this.edited(target));
      this.form.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || event.isComposing || !event.target.matches("textarea")) return;
        event.preventDefault(); // a line has no second row
        this.form.requestSubmit();
      });
      this.fill();
    }

    introduction() {
      const root = document.documentElement.dataset.content_root ?? "../";
      const language = element("a", { href: `${root}book/checking.html` }, "the language of the lines");
      const task = this.job.refuted
        ? "A line here is wrong. Mend the derivation, and check it"
        : "Change a line, add one, or leave one out, and check it again";
      return element("p", { class: "try-words" }, `${task} (`, language, ").");
    }

    /** What is given, as mathematics and as code, which says more. */
    given() {
      const code = this.job.program.replace(/^(?:from|import) .*\n/gm, "").trim();
      const formulas = element("div", { class: "try-formulas" });
      if (this.job.given.length) typeset(formulas, this.job.given, code);
      const fold = element(
        "details",
        {},
        element("summary", { "aria-label": "Given, in code" }, "in code"),
        element("pre", { tabindex: 0, "aria-label": "Given, in code" }, code),
      );
      return element("div", { class: "try-given" }, element("span", {}, "Given"), formulas, fold);
    }

    /** Put the lines of the page into the fields. */
    fill() {
      const [[text, reason], ...others] = this.job.lines;
      this.rows = [this.fixedRow(text, reason)];
      for (const [typed, why] of others) this.rows.push(this.row(typed, why));
      this.show();
    }

    fixedRow(text, reason) {
      const row = { text: () => text, reason: () => reason };
      row.label = element("span", { class: "try-label" });
      row.mark = element("span", { class: "try-mark" });
      row.add = button("+", () => this.add(row), { class: "try-small" });
      const formula = element("div", { class: "math notranslate nohighlight" }, text);
      typeset(formula, this.job.first, text);
      row.node = element("li", { class: "try-line" }, row.label, row.mark, formula, row.add);
      return row;
    }

    row(text, reason) {
      const row = {
        label: element("span", { class: "try-label" }),
        mark: element("span", { class: "try-mark" }),
        field: element("textarea", {
          rows: 1,
          class: "try-text",
          spellcheck: "false",
          autocapitalize: "off",
          autocomplete: "off",
          autocorrect: "off",
          maxlength: LONGEST,
        }),
        why: element("input", {
          type: "text",
          class: "try-reason",
          placeholder: "reason",
          autocomplete: "off",
          maxlength: LONGEST,
        }),
      };
      row.field.value = text;
      row.why.value = reason;
      row.text = () => oneLine(row.field.value);
      row.reason = () => oneLine(row.why.value);
      row.add = button("+", () => this.add(row), { class: "try-small" });
      row.remove = button("×", () => this.remove(row), { class: "try-small" });
      const fields = element("div", { class: "try-fields" }, row.field, row.why);
      const small = element("div", { class: "try-pair" }, row.add, row.remove);
      row.node = element("li", { class: "try-line" }, row.label, row.mark, fields, small);
      return row;
    }

    /** Put the rows in order, and name each after its place. */
    show() {
      this.list.replaceChildren(...this.rows.map((row) => row.node));
      this.rows.forEach((row, place) => {
        const label = `(${this.number}${letters(place)})`;
        row.label.textContent = label;
        row.add.setAttribute("aria-label", `Add a line below ${label}`);
        row.add.disabled = this.rows.length >= MOST;
        if (!row.field) return;
        row.field.setAttribute("aria-label", `Line ${label}`);
        row.why.setAttribute("aria-label", `Reason of line ${label}`);
        row.remove.setAttribute("aria-label", `Remove line ${label}`);
        fit(row.field);
      });
    }

    add(above) {
      const row = this.row("= ", "");
      this.rows.splice(this.rows.indexOf(above) + 1, 0, row);
      this.edited();
      this.show();
      row.field.focus();
      row.field.setSelectionRange(2, 2);
    }

    remove(row) {
      const place = this.rows.indexOf(row);
      this.rows.splice(place, 1);
      this.edited();
      this.show();
      const next = this.rows[place] ?? this.rows[place - 1];
      (next.field ?? next.add).focus();
      this.say(`Line ${row.label.textContent} is removed.`);
    }

    reset() {
      this.stop();
      this.clear();
      this.report.hidden = true;
      this.fill();
      this.say("The lines of the page are back.");
    }

    /** What was said of the lines no longer goes for what now stands there. */
    edited(field) {
      if (field?.matches?.("textarea")) fit(field);
      if (running === this) this.stop();
      if (!this.form.dataset.said) return;
      this.clear();
      this.say(this.report.hidden ? "" : "Changed since this check.");
    }

    clear() {
      delete this.form.dataset.said;
      for (const row of this.rows) this.mark(row);
    }

    mark(row, status) {
      const [sign, words] = MARKS[status] ?? ["", ""];
      row.mark.className = `try-mark ${status === "holds" ? "right" : "wrong"}`;
      row.mark.replaceChildren();
      if (sign) row.mark.append(element("span", { role: "img", "aria-label": words }, sign));
      row.field?.setAttribute("aria-invalid", Boolean(sign) && status !== "holds");
    }

    say(sentence) {
      if (this.status.textContent !== sentence) this.status.textContent = sentence;
    }

    busy(is) {
      running = is ? this : undefined;
      this.form.toggleAttribute("data-busy", is);
      this.checkButton.setAttribute("aria-disabled", is);
      if (!is && document.activeElement === this.stopButton) this.checkButton.focus();
      this.stopButton.hidden = !is;
      this.progress.hidden = !is;
      this.progress.removeAttribute("value");
    }

    async check() {
      if (running === this) return;
      running?.stop();
      const number = ++this.checks;
      const isLate = () => number !== this.checks;
      const rows = this.rows.filter((row) => row.text() || row.reason());
      const lines = rows.map((row) => [row.text(), row.reason()]);
      this.clear();
      this.busy(true);
      this.say("Checking …");
      try {
        const live = window.kl?.live;
        if (!live) throw new Error(NO_ENGINE);
        const onProgress = (sentence, share) => {
          if (isLate()) return;
          if (sentence) this.say(sentence);
          if (share >= 0) this.progress.value = share;
        };
        const result = await live.check({ program: this.job.program, lines }, onProgress);
        if (!isLate()) await this.answer(rows, result);
      } catch (error) {
        if (isLate()) return;
        this.report.hidden = true;
        this.say(String(error?.message ?? error) || NO_ENGINE);
      }
      if (!isLate()) this.busy(false);
    }

    async answer(rows, { ok, latex, plain, marks, summary, error }) {
      this.form.dataset.said = ok ? "right" : "wrong";
      rows.forEach((row, place) => this.mark(row, marks?.[place]));
      this.report.hidden = !latex;
      if (latex) await typeset(this.report, latex.replace(SUMMARY, ""), plain);
      this.say(error || `${ok ? "Every line holds. " : ""}${summary ?? ""}`);
    }

    stop() {
      if (running !== this) return;
      this.checks++;
      window.kl?.live?.stop();
      this.busy(false);
      this.say("Stopped.");
    }

    toggle(isOpen) {
      if (!isOpen) this.stop();
      this.form.hidden = !isOpen;
      this.opener.setAttribute("aria-expanded", isOpen);
      (isOpen ? this.title : this.opener).focus();
      if (isOpen) this.show(); // fields have a height only where they are seen
    }
  }

  const editors = new Map();

  /** Open the editor of a derivation below its button, or close it. */
  window.kl.tryDerivation = (opener, number, job) => {
    let editor = editors.get(number);
    if (editor) return editor.toggle(editor.form.hidden);
    editor = new Editor(opener, number, job);
    editors.set(number, editor);
    const place = opener.parentElement;
    const below = place.nextElementSibling?.matches("details.counts")
      ? place.nextElementSibling
      : place;
    below.after(editor.form);
    editor.toggle(true);
  };
})();
