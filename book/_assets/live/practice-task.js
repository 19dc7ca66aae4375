// A practice task that is answered in its place: the form, the verdict, hints, and the answer.
//
//   kl.practice.open(button, name, variant)   below its button in a chapter; again, to close it
//   new kl.practice.Task(name, variant, { done, tools })   its `node` for another place; `done()` is
//                                             called when it is answered right, or its answer shown
//
// The first answer counts and is recorded so, and the others with it.

(() => {
  const { element, button, typeset, write } = kl.ui;
  const PAUSE = 250; // ms without a key before what is typed is typeset
  const { display, words, given } = kl.parts;
  const { forms, verdicts } = kl.practice;
  const NO_ENGINE = "The checker could not be loaded here, and this task needs it.";
  const LETTERS = "abcdefghijklmnopqrstuvwxyz";
  let count = 0; // of the tasks on this page, for ids

  const plural = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;

  /** What an answer earned, in words: what stands first, and what follows. */
  function inWords({ points, of, lost: sentences, held = 0, to_read: toRead = [] }) {
    if (points >= of - 1e-9) return ["Right.", []];
    // In the page the lines of a proof have letters; the first is given.
    const lost = sentences.map((text) => text.replace(/^Line (\d+):/, (_, n) => `Line (${LETTERS[n]}):`));
    const part = points > 0 ? ` ${round(points)} of ${plural(of, "point")}.` : "";
    const waits = `${plural(round(held), "point")} would wait for a person, who reads this:`;
    const more = held > 0 ? [waits, ...toRead] : [];
    return [`${points > 0 || held > 0 ? "Not all of it is there." : "Not right."}${part}`, [...lost, ...more]];
  }

  const round = (number) => Math.round(100 * number) / 100;

  class Task {
    constructor(name, variant, { done = () => {}, tools = [] } = {}) {
      const task = kl.tasks[name.split("/")[0]][name];
      const place = variant % task.variants.length;
      Object.assign(this, { name, task, done, variant: place, data: task.variants[place] });
      Object.assign(this, { id: `task-${++count}`, attempts: 0, hints: 0, asked: 0 });
      this.said = element("div", { class: "practice-said", role: "status" });
      this.after = element("div", { class: "practice-after", tabindex: -1, hidden: true });
      this.hintButton = button("Hint", () => this.hint(), { hidden: !this.data.hints.length });
      this.hintList = element("ol", { class: "practice-hints", "aria-live": "polite" });
      this.showButton = button("Show the answer", () => this.show());
      this.tools = [this.hintButton, this.showButton, ...tools];
      this.node = element("div", { class: "practice-task" });
      const form = task.kind === "Prove" ? this.proof() : this.form();
      this.node.append(form, this.hintList, this.said, this.after);
    }

    /** The form of all kinds but a proof. */
    form() {
      const { nodes, read } = forms[this.task.kind](this.data, this.id);
      const submit = this.task.kind === "Predict" ? "Commit" : "Check";
      this.submitButton = element("button", { type: "submit", class: "try-check" }, submit);
      this.stopButton = button("Stop", () => this.stop(), { hidden: true });
      this.progress = element("progress", { max: 1, hidden: true, "aria-hidden": "true" });
      this.fields = element("div", { class: "practice-fields" }, ...nodes);
      this.bar = element(
        "div",
        { class: "try-buttons" },
        ...[this.submitButton, this.stopButton, ...this.tools, this.progress],
      );
      const form = element("form", { class: "try-editor practice-form" }, this.fields, this.bar);
      form.noValidate = true;
      form.addEventListener("input", ({ target }) => this.changed(target));
      form.addEventListener("click", ({ target }) => {
        if (target.closest(".practice-chain, .practice-undo")) this.changed(target);
      });
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.submit(read);
      });
      return form;
    }

    /** A proof is written in the editor of the derivations. */
    proof() {
      kl.load("engine.js").catch(() => {}); // without it, the editor says so
      const [first] = this.data.lines;
      const goal = element("div", { class: "try-formulas" }, words(`$${this.data.goal}$`));
      const lemmas = this.data.lemmas.map(({ name, formula }) =>
        element("li", {}, words(`${name}: $${formula}$`)),
      );
      const head = [
        ...given(this.data),
        element("div", { class: "try-given" }, element("span", {}, "Goal"), goal),
      ];
      if (lemmas.length) {
        head.push(element("p", { class: "try-words" }, "Name one of these in a reason to use it:"));
        head.push(element("ul", { class: "practice-list", role: "list" }, ...lemmas));
      }
      const job = (lines) => this.job({ lines: lines.slice(1).map(([text, reason]) => ({ text, reason })) });
      this.editor = new kl.ProofEditor({
        id: `${this.id}-title`,
        label: (place) => `(${LETTERS[place] ?? place + 1})`,
        jobOf: job,
        typesetJob: (text) => this.typesetJob(text),
        refusal: (lines) => (lines.length < 2 ? "Write a line first." : ""),
        answer: (result) => {
          this.editor.say("");
          this.judged(result);
        },
        head: [...head, element("p", { class: "practice-legend", id: `${this.id}-title` }, "Your proof")],
        tools: this.tools,
      });
      this.editor.fill([{ text: first.text, look: first.latex, fixed: true }, { text: "= " }]);
      this.editor.form.addEventListener("input", () => this.tell(""));
      this.fields = this.editor.list;
      return this.editor.form;
    }

    job(answer) {
      return { practice: this.name, variant: this.variant, answer };
    }

    typesetJob(text) {
      return { practice: this.name, variant: this.variant, typeset: text };
    }

    /** What was said goes for what stood there before. */
    changed(field) {
      if (!this.isBusy) this.tell("");
      this.preview(field);
    }

    /** Typeset what is typed below its field, once Python is there: nothing is loaded for it. */
    preview(field) {
      const look = field.closest(".practice-typed")?.querySelector(".practice-look");
      if (!look) return;
      clearTimeout(look.waiting);
      look.hidden = true;
      const text = field.value.trim();
      if (!kl.live?.isReady || !text) return;
      look.waiting = setTimeout(async () => {
        if (this.isBusy) return;
        const { latex } = await kl.live.check(this.typesetJob(text)).catch(() => ({ latex: "" }));
        look.hidden = !latex || field.value.trim() !== text;
        if (!look.hidden) typeset(look, latex, text);
      }, PAUSE);
    }

    async submit(read) {
      if (this.isBusy) return;
      let answer;
      try {
        answer = read();
      } catch (error) {
        this.tell(error.message);
        return;
      }
      const judge = verdicts[this.task.kind];
      if (judge) this.judged(judge(this.data, answer), answer.confidence);
      else await this.ask(answer);
    }

    /** Ask Python. */
    async ask(answer) {
      const number = ++this.asked;
      const isLate = () => number !== this.asked;
      this.busy(true);
      this.tell("Checking …");
      try {
        if (!kl.live) await kl.load("engine.js").catch(() => {});
        if (!kl.live) throw new Error(NO_ENGINE);
        const result = await kl.live.check(this.job(answer), (sentence, share) => {
          if (isLate()) return;
          if (sentence) this.tell(sentence);
          if (share >= 0) this.progress.value = share;
        });
        if (!isLate()) this.judged(result);
      } catch (error) {
        if (!isLate()) this.tell(String(error?.message ?? error));
      }
      if (!isLate()) this.busy(false);
    }

    busy(is) {
      this.isBusy = is;
      this.submitButton.setAttribute("aria-disabled", is);
      if (!is && document.activeElement === this.stopButton) this.submitButton.focus();
      this.stopButton.hidden = !is;
      this.progress.hidden = !is;
      this.progress.removeAttribute("value");
    }

    stop() {
      if (!this.isBusy) return;
      this.asked++;
      kl.live?.stop();
      this.busy(false);
      this.tell("Stopped.");
    }

    /** Say what an answer earned, and keep it. */
    judged(result, confidence) {
      if (result.error || result.unread) {
        this.tell(result.error || `Not read yet: ${result.lost.join(" ")}`);
        return; // no attempt
      }
      const isRight = result.points >= result.of - 1e-9;
      const isFinal = isRight || this.task.kind === "Predict";
      this.record(isRight, confidence);
      const [verdict, sentences] = inWords(result);
      this.tell(verdict, sentences, isRight);
      if (isFinal) this.finish(isRight);
    }

    record(right, confidence) {
      const again = this.attempts++ > 0 || undefined;
      const { variant, task } = this;
      const tried = { at: Date.now(), right, variant, version: task.version, confidence, again };
      kl.progress.record(this.name, JSON.parse(JSON.stringify(tried)));
      const note = kl.progress.note();
      if (note) this.node.append(this.noteNode ?? (this.noteNode = element("p", { class: "try-words" })));
      if (note) this.noteNode.textContent = note;
    }

    /** Show sentences: the first is the verdict. */
    tell(verdict, sentences = [], isRight) {
      const [said, ...others] = [verdict, ...sentences].map((text) => [element("p"), text]);
      this.said.replaceChildren(said[0], ...others.map(([node]) => node));
      this.said.dataset.said = isRight === undefined ? "" : isRight ? "right" : "wrong";
      for (const [node, text] of [said, ...others]) write(node, text);
    }

    hint() {
      const text = this.data.hints[this.hints++];
      const item = element("li");
      write(item, text);
      this.hintList.append(item);
      const left = this.data.hints.length - this.hints;
      this.hintButton.textContent = left ? "Another hint" : "No more hints";
      this.hintButton.setAttribute("aria-disabled", !left);
      if (!left) this.hintButton.disabled = true;
    }

    /** Show the answer; a task that was not answered before counts as missed. */
    show() {
      this.stop();
      this.editor?.stop();
      if (!this.attempts) this.record(false);
      this.tell("The answer:");
      this.finish(false);
    }

    /** Show what there is to say in the end. */
    finish(isRight) {
      const list = element("ul", { class: "practice-list", role: "list" });
      if (!isRight) for (const part of this.data.answer) list.append(this.answerItem(part));
      const why = element("p", { class: "practice-why" });
      write(why, this.data.why);
      this.after.replaceChildren(...(isRight ? [] : [list]), why);
      this.after.hidden = false;
      const isLost = [this.showButton, this.hintButton, this.submitButton].includes(
        document.activeElement,
      );
      this.showButton.hidden = true;
      this.hintButton.hidden = true;
      if (this.task.kind === "Predict") this.close();
      if (isLost) this.after.focus({ preventScroll: true });
      this.done();
    }

    /** A prediction is made once. */
    close() {
      for (const control of this.fields.querySelectorAll("input, select, textarea, button")) {
        control.disabled = true;
      }
      this.submitButton.hidden = true;
    }

    answerItem(part) {
      if (typeof part === "string") return element("li", {}, words(part));
      const why = part.reason ? [words(part.reason, { class: "practice-reason" })] : [];
      return element("li", {}, display(part), ...why);
    }
  }

  const opened = new WeakMap();

  /** Open a task below its button, or close it. */
  function open(opener, name, variant) {
    let task = opened.get(opener);
    if (!task) {
      const close = button("Close", () => toggle(false), { class: "practice-close" });
      task = new Task(name, variant, { tools: [close] });
      opened.set(opener, task);
      opener.after(task.node);
    }
    const toggle = (isOpen) => {
      task.node.hidden = !isOpen;
      opener.hidden = isOpen;
      if (isOpen) task.node.querySelector("input, select, textarea, button").focus();
      else opener.focus();
    };
    toggle(true);
  }

  Object.assign(kl.practice, { Task, open });
})();
