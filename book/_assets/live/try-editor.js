// The editor of a derivation of the book, below it: to change it, to see what holds for letters of
// another kind, and to find again what is hidden of it.

(() => {
  const { element, button, choice, letters, typeset } = kl.ui;
  const ALL = "all";
  const HIDDEN = {
    [ALL]: "nothing",
    reasons: "the reasons",
    line: "a line",
    ends: "all but its ends",
  };
  const TASKS = {
    [ALL]: "Change a line, add one, or leave one out, and check it again",
    reasons: "Give each step its reason. Check shows the book's beside yours",
    line: "One line is missing. Write it, and check it",
    ends: "Find a way from the first line to the last, and check it",
    mend: "A line here is wrong. Mend the derivation, and check it",
  };

  class Try {
    constructor(opener, number, job) {
      Object.assign(this, { opener, number, job, hidden: ALL, chosen: new Map() });
      const id = `try-${number.replace(".", "-")}`;
      const words = job.refuted ? "Mend it" : "Try it";
      this.title = element("p", { class: "try-title", id, tabindex: -1 }, `${words}: (${number})`);
      const close = button("Close", () => this.toggle(false), { "aria-label": "Close the editor" });
      this.task = element("span");
      this.proof = new kl.ProofEditor({
        id,
        label: (place) => `(${number}${letters(place)})`,
        jobOf: (lines) => ({ program: this.program, lines }),
        typesetJob: (text) => ({ program: this.program, typeset: text }),
        refusal: (lines) => this.refusal(lines),
        praise: () => this.praise(),
        isBrief: () => this.hidden === "reasons",
        head: [
          element("div", { class: "try-head" }, this.title, close),
          this.introduction(),
          this.given(),
          this.choices(),
        ],
        tools: [button("Reset", () => this.reset())],
      });
      this.form = this.proof.form;
      this.cover = element(
        "p",
        { class: "try-cover", hidden: true },
        "The derivation is hidden while you look for it. ",
        button("Show it", () => this.hide(ALL, true), { class: "try-link" }),
      );
      this.fill();
    }

    introduction() {
      const root = document.documentElement.dataset.content_root ?? "../";
      const language = element("a", { href: `${root}book/checking.html` }, "the language of the lines");
      return element("p", { class: "try-words" }, this.task, " (", language, ").");
    }

    /** What is given, as mathematics and as code, which says more. */
    given() {
      this.code = element("pre", { tabindex: 0, "aria-label": "Given, in code" });
      const formulas = (this.formulas = element("div", { class: "try-formulas" }));
      const plain = this.job.program.replace(/^(?:from|import) .*\n/gm, "").trim();
      if (this.job.given.length) typeset(formulas, this.job.given, plain);
      const label = `Given in (${this.number}), in code`;
      const summary = element("summary", { "aria-label": label }, "in code");
      const fold = (this.fold = element("details", {}, summary, this.code));
      return element("div", { class: "try-given" }, element("span", {}, "Given"), formulas, fold);
    }

    /** What else the letters could be, and what can be hidden. */
    choices() {
      const { changes, refuted, lines } = this.job;
      const box = element("div", { class: "try-choices" });
      if (!refuted && lines.length > 2) {
        const pairs = Object.entries(HIDDEN);
        this.hiding = choice("Hide", pairs, (which) => this.hide(which));
        box.append(this.hiding.node);
      }
      if (changes.length) {
        box.append(element("span", { class: "try-what-if" }, "What if …"));
        for (const change of changes) {
          const pairs = change.choices.map(([words], place) => [place, words]);
          const letter = element("span", { class: "math" }, change.letter);
          const one = choice(letter, pairs, (place) => this.change(change, Number(place)));
          one.select.setAttribute("aria-label", `What if ${change.letter} were`);
          typeset(letter, [change.latex], change.letter);
          box.append(one.node);
        }
      }
      return box;
    }

    /** The program with the kinds that are chosen. */
    get program() {
      let text = this.job.program;
      for (const change of [...this.job.changes].reverse()) {
        const [, kind] = change.choices[this.chosen.get(change) ?? 0];
        text = text.slice(0, change.at) + kind + text.slice(change.to);
      }
      return text;
    }

    change(what, place) {
      this.chosen.set(what, place);
      this.fold.open = this.formulas.hidden = [...this.chosen.values()].some(Boolean);
      this.showCode();
      this.proof.edited();
      const [words] = what.choices[place];
      this.proof.say(`${what.letter}: ${words}. Check again to see what still holds.`);
    }

    showCode() {
      this.code.textContent = this.program.replace(/^(?:from|import) .*\n/gm, "").trim();
    }

    /** The rows of the page, those left out that are to be found. */
    rows() {
      const { lines, looks } = this.job;
      const rows = lines.map(([text, reason], place) => ({ text, reason, look: looks[place] }));
      const [first, last] = [{ ...rows[0], fixed: true }, { ...rows.at(-1), fixed: true }];
      switch (this.hidden) {
        case "reasons": {
          const blank = ({ reason, ...row }) => ({ ...row, fixed: true, book: reason });
          return [first, ...rows.slice(1).map(blank)];
        }
        case "line": {
          const place = 1 + Math.floor(Math.random() * (rows.length - 2));
          const open = rows.slice(1, -1).map((row) => ({ ...row, fixed: true }));
          open[place - 1] = { text: "= ", reason: rows[place].reason };
          return [first, ...open, last];
        }
        case "ends":
          return [first, { text: "= " }, last];
        default:
          return [first, ...rows.slice(1)];
      }
    }

    fill() {
      this.task.textContent = TASKS[this.job.refuted ? "mend" : this.hidden];
      this.proof.fill(this.rows(), [ALL, "ends"].includes(this.hidden));
      this.showCode();
    }

    /** Hide a part of the derivation, here and on the page; or show all of it again. */
    hide(which, andFocus = false) {
      this.hidden = which;
      if (this.hiding) this.hiding.select.value = which;
      this.proof.stop();
      this.fill();
      this.coverPage();
      this.proof.say(which === ALL ? "" : `Hidden: ${HIDDEN[which]}.`);
      if (andFocus) this.hiding.select.focus();
    }

    coverPage() {
      const isCovered = this.hidden !== ALL && !this.form.hidden;
      const page = this.opener.parentElement.previousElementSibling;
      page?.classList.toggle("try-covered", isCovered);
      if (!this.cover.isConnected) page?.before(this.cover);
      this.cover.hidden = !isCovered;
    }

    /** Where a way is to be found, a line has to go on from the one above. */
    refusal(lines) {
      const isFree = !this.job.refuted && [ALL, "reasons"].includes(this.hidden);
      if (isFree) return "";
      const name = (place) => `(${this.number}${letters(place)})`;
      const plain = lines.map(([text]) => text.replace(/\s/g, "").replace(/^[=<>~]+/, ""));
      const empty = plain.indexOf("");
      if (empty >= 0) return `Line ${name(empty)} is still empty.`;
      if (this.hidden === "ends" && plain.length < 3) return "Add a line between the ends.";
      const again = plain.findIndex((text, place) => place && text === plain[place - 1]);
      return again > 0 ? `Line ${name(again)} only repeats the line above it.` : "";
    }

    praise() {
      const steps = this.proof.rows.length - 2;
      if (this.job.refuted) return "Mended: every line holds.";
      const own = steps > 1 ? `, over ${steps} lines of yours` : "";
      return this.hidden === "ends" ? `From end to end${own}: every line holds.` : "Every line holds.";
    }

    reset() {
      this.proof.stop();
      this.chosen.clear();
      this.fold.open = this.formulas.hidden = false;
      for (const select of this.form.querySelectorAll("select")) select.selectedIndex = 0;
      this.hide(ALL);
      this.proof.say("The lines of the page are back.");
    }

    toggle(isOpen) {
      if (!isOpen) this.proof.stop();
      this.form.hidden = !isOpen;
      this.opener.setAttribute("aria-expanded", isOpen);
      this.coverPage();
      (isOpen ? this.title : this.opener).focus();
      if (isOpen) this.proof.show(); // fields have a height only where they are seen
    }
  }

  const editors = new Map();

  /** Open the editor of a derivation below its button, or close it. */
  kl.tryDerivation = (opener, number, job) => {
    let editor = editors.get(number);
    if (editor) return editor.toggle(editor.form.hidden);
    editor = new Try(opener, number, job);
    editors.set(number, editor);
    const place = opener.parentElement;
    const below = place.nextElementSibling?.matches("details.counts")
      ? place.nextElementSibling
      : place;
    below.after(editor.form);
    editor.toggle(true);
  };
})();
