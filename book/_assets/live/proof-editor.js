// A proof that can be edited and checked: lines with their reasons, and what the checker says.
//
//   new kl.ProofEditor({ id, label, jobOf, ... })   see the constructor
//
// A row is {text, reason, look}: what is typed, why, and its LaTeX, where that is known. A row with
// `fixed` stands as a formula and cannot be changed; with `book`, a reason is shown after a check.

(() => {
  const { element, button, typeset, write, fit } = kl.ui;
  const MARKS = {
    holds: ["✓", "holds"],
    broken: ["✗", "does not hold"],
    inherits: ["↳", "follows from a wrong line"],
    cancels: ["↺", "comes back to the right value"],
    unchecked: ["?", "could not be checked"],
  };
  const LONGEST = 1000; // characters of a line or a reason, as in kl_utils/derivation/spelling.py
  const MOST = 60; // lines
  const PAUSE = 250; // ms without a key before a line is typeset
  const NO_ENGINE = "The checker could not be loaded here. The page itself lacks nothing.";
  // The sentence at a report's foot stands above it already, where it is read out.
  const SUMMARY = / \\\\\[6pt\]\n&\\small \\text\{(?:Numerically c|C)hecked at [^]*(?=\n\\end\{)/;
  let running; // the editor whose check is under way: there is one checker for the page

  const oneLine = (text) => text.replace(/\s+/g, " ").trim();

  class ProofEditor {
    /**
     * @param {string} id - of the element that names the form
     * @param {function} label - the name of the line at a place, such as "(1.4b)"
     * @param {function} jobOf - what the engine is asked, given the lines as pairs
     * @param {function} typesetJob - what it is asked to typeset one text; none, no preview
     * @param {function} refusal - a sentence why lines are not to be checked yet, or nothing
     * @param {function} praise - what is said before the summary where every line holds
     * @param {function} answer - what is done with a result, in place of showing the report
     * @param {function} isBrief - do the marks say all, without a report?
     * @param {function} changed - called after what is typed has changed, and the lines there are
     * @param {boolean} movable - can lines change places?
     * @param {Node[]} head, tools - what stands above the lines, and beside "Check"
     */
    constructor(options) {
      this.options = { refusal: () => "", isBrief: () => false, movable: false, ...options };
      const { id, head = [], tools = [] } = options;
      Object.assign(this, { checks: 0, rows: [] });
      this.list = element("ol", { class: "try-lines", role: "list" });
      this.checkButton = element("button", { type: "submit", class: "try-check" }, "Check");
      this.stopButton = button("Stop", () => this.stop(), { hidden: true });
      this.progress = element("progress", { max: 1, hidden: true, "aria-hidden": "true" });
      this.status = element("p", { class: "try-status", role: "status" });
      this.report = element("div", { class: "math notranslate nohighlight", hidden: true });
      const bar = [this.checkButton, this.stopButton, ...tools, this.progress];
      this.form = element(
        "form",
        { class: "try-editor", "aria-labelledby": id },
        ...head,
        this.list,
        element("div", { class: "try-buttons" }, ...bar),
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
    }

    /** Put rows in the place of those that are there. */
    fill(rows, canAdd = true) {
      this.canAdd = canAdd;
      this.rows = rows.map((row) => this.rowOf(row));
      this.report.hidden = true;
      this.clear();
      this.show();
    }

    /** The lines, as pairs of text and reason. */
    get lines() {
      return this.rows.map((row) => [row.text(), row.reason()]);
    }

    rowOf({ text, reason = "", look, fixed = false, book }) {
      const row = { book, look, text: () => text, reason: () => reason };
      row.label = element("span", { class: "try-label" });
      row.mark = element("span", { class: "try-mark" });
      row.shown = element("div", { class: "math notranslate nohighlight try-look" });
      row.said = element("p", { class: "try-said", hidden: true });
      row.add = button("+", () => this.add(row), { class: "try-small" });
      const small = element("div", { class: "try-pair" }, row.add);
      const fields = element("div", { class: "try-fields" });
      if (!fixed) {
        row.field = lineField(text);
        row.text = () => oneLine(row.field.value);
        row.remove = button("×", () => this.remove(row), { class: "try-small" });
        if (this.options.movable) {
          row.up = button("↑", () => this.move(row, -1), { class: "try-small" });
          row.down = button("↓", () => this.move(row, 1), { class: "try-small" });
        }
        small.append(...[row.up, row.down, row.remove].filter(Boolean));
        fields.append(row.field);
      }
      fields.append(row.shown);
      if (!fixed || book !== undefined) {
        row.why = reasonField(reason);
        row.reason = () => oneLine(row.why.value);
        fields.append(row.why);
      }
      fields.append(row.said);
      row.node = element("li", { class: "try-line" }, row.label, row.mark, fields, small);
      this.lookAt(row, look, fixed ? text : "");
      return row;
    }

    /** Put the rows in order, and name each after its place. */
    show() {
      this.list.replaceChildren(...this.rows.map((row) => row.node));
      this.rows.forEach((row, place) => {
        const label = this.options.label(place);
        row.label.textContent = label;
        row.add.setAttribute("aria-label", `Add a line below ${label}`);
        row.add.disabled = this.rows.length >= MOST;
        // Nothing is added below a last line that stands fixed.
        row.add.hidden = !this.canAdd || (!row.field && place > 0);
        row.why?.setAttribute("aria-label", `Reason of line ${label}`);
        if (!row.field) return;
        row.said.id = `${this.options.id}-said-${place}`;
        row.field.setAttribute("aria-label", `Line ${label}`);
        row.field.setAttribute("aria-describedby", row.said.id);
        row.remove.setAttribute("aria-label", `Remove line ${label}`);
        row.remove.hidden = !this.canAdd; // it could not be brought back
        row.up?.setAttribute("aria-label", `Move line ${label} up`);
        row.down?.setAttribute("aria-label", `Move line ${label} down`);
        fit(row.field);
      });
    }

    add(above) {
      const row = this.rowOf({ text: "= " });
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
      const near = [this.rows[place], this.rows[place - 1]];
      (near.find((one) => one?.field)?.field ?? near[1]?.add ?? this.checkButton).focus();
      this.say(`Line ${row.label.textContent} is removed.`);
    }

    move(row, by) {
      const [from, to] = [this.rows.indexOf(row), this.rows.indexOf(row) + by];
      if (!this.rows[to]?.field) return;
      this.rows.splice(from, 1);
      this.rows.splice(to, 0, row);
      this.edited();
      this.show();
      (by < 0 ? row.up : row.down).focus();
      this.say(`Now it is line ${row.label.textContent}.`);
    }

    /** What was said of the lines no longer goes for what now stands there. */
    edited(field) {
      const row = this.rows.find((row) => field && row.field === field);
      if (row) {
        fit(field);
        this.preview(row);
      }
      if (running === this) this.stop();
      this.options.changed?.();
      if (!this.form.dataset.said) return;
      this.clear();
      this.say(this.report.hidden ? "" : "Changed since this check.");
    }

    /** Typeset what is being typed, once Python is there: nothing is loaded for it. */
    preview(row) {
      clearTimeout(row.waiting);
      this.lookAt(row, "");
      const text = row.text();
      const live = window.kl?.live;
      if (!this.options.typesetJob || !live?.isReady || !text) return;
      row.waiting = setTimeout(async () => {
        if (running) return;
        const job = this.options.typesetJob(text);
        const { latex } = await live.check(job).catch(() => ({ latex: "" }));
        if (row.text() === text) this.lookAt(row, latex);
      }, PAUSE);
    }

    lookAt(row, latex, plain = "") {
      row.look = latex;
      row.shown.hidden = !latex && !plain;
      if (latex) typeset(row.shown, latex, row.text());
      else row.shown.replaceChildren(element("pre", { tabindex: 0 }, plain));
    }

    clear() {
      delete this.form.dataset.said;
      for (const row of this.rows) this.mark(row);
    }

    mark(row, status, why) {
      const [sign, words] = MARKS[status] ?? ["", ""];
      row.mark.className = `try-mark ${status === "holds" ? "right" : "wrong"}`;
      row.mark.replaceChildren();
      if (sign) row.mark.append(element("span", { role: "img", "aria-label": words }, sign));
      row.field?.setAttribute("aria-invalid", Boolean(sign) && status !== "holds");
      row.said.classList.toggle("wrong", Boolean(why));
      const said = why || (sign && row.book ? `The book: ${row.book}` : "");
      row.said.hidden = !said;
      write(row.said, said, !why); // the checker's words may quote what was typed
    }

    /** Say a sentence; a verdict is coloured by what it says. */
    say(sentence, isVerdict = false) {
      this.status.classList.toggle("verdict", isVerdict);
      if (this.told === sentence && this.status.hasChildNodes()) return;
      this.told = sentence;
      write(this.status, sentence, false);
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

    /** Ask the checker, and show its answer; or `answer` does, where the options have one. */
    async check() {
      if (running === this) return;
      running?.stop();
      const number = ++this.checks;
      const isLate = () => number !== this.checks;
      const rows = this.rows.filter((row) => row.text() || row.reason());
      const lines = rows.map((row) => [row.text(), row.reason()]);
      this.clear();
      const alone = lines.length < 2 ? "One line alone: there is nothing to compare it with yet." : "";
      const refusal = this.options.refusal(lines) || alone;
      if (refusal) return this.say(refusal);
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
        const result = await live.check(this.options.jobOf(lines), onProgress);
        if (!isLate()) await (this.options.answer ?? this.answer).call(this, result, rows);
      } catch (error) {
        if (isLate()) return;
        this.report.hidden = true;
        this.say(String(error?.message ?? error) || NO_ENGINE);
      }
      if (!isLate()) this.busy(false);
    }

    async answer({ ok, latex, plain, marks, faults, explanations, summary, error }, rows) {
      this.result = { ok, latex, plain };
      this.form.dataset.said = ok ? "right" : "wrong";
      const whys = faults?.map((fault, place) => fault ?? explanations[place]);
      rows.forEach((row, place) => this.mark(row, marks?.[place], whys?.[place]));
      this.report.hidden = !latex || this.options.isBrief();
      if (latex) await typeset(this.report, latex.replace(SUMMARY, ""), plain);
      const unread = faults?.findIndex(Boolean) ?? -1;
      const fault = unread < 0 ? "" : `Line ${rows[unread].label.textContent}: ${faults[unread]}`;
      const praise = this.options.praise?.() ?? "Every line holds.";
      this.say(error || fault || (ok ? `${praise} ${summary ?? ""}`.trim() : summary ?? ""), true);
      for (const row of rows) if (!row.look) this.preview(row);
    }

    stop() {
      if (running !== this) return;
      this.checks++;
      window.kl?.live?.stop();
      this.busy(false);
      this.say("Stopped.");
    }
  }

  function lineField(text) {
    const field = element("textarea", {
      rows: 1,
      class: "try-text",
      spellcheck: "false",
      autocapitalize: "off",
      autocomplete: "off",
      autocorrect: "off",
      maxlength: LONGEST,
    });
    field.value = text;
    return field;
  }

  function reasonField(reason) {
    const field = element("input", {
      type: "text",
      class: "try-reason",
      placeholder: "reason",
      autocomplete: "off",
      maxlength: LONGEST,
    });
    field.value = reason;
    return field;
  }

  kl.ProofEditor = ProofEditor;
})();
