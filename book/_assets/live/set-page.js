// A problem set that is answered in its page: the code, the answers with their forms, the numbers.
//
//   kl.problemSet(desk, name)   makes the page live; `desk` is the place above the tasks
//
// Answers are kept as they are typed, in this browser. See set-hand-in.js for how they leave it.

(() => {
  const { element, button, write } = kl.ui;
  const { readCode, same, Store } = kl.submission;
  const NO_ENGINE = "Python could not be loaded here.";
  const ALL_THE_SAME = "You can type your answers and export them all the same.";
  const LEGEND =
    "A tick says that a line of a proof is true, not that it is the step that is asked for. Points " +
    "are given when the set is graded, not here.";

  /** Ask Python; an Error says, in a sentence, why there is no answer. */
  async function python(job, tell) {
    if (!kl.live) await kl.load("engine.js").catch(() => {});
    if (!kl.live) throw new Error(NO_ENGINE);
    const result = await kl.live.check(job, (sentence) => sentence && tell(sentence));
    if (result.error) throw new Error(result.error);
    return result;
  }

  /** One task with its answer. */
  class Answer {
    constructor(task, place, page) {
      Object.assign(this, { task, page, asked: 0 });
      this.said = element("p", { class: "try-status problem-said", role: "status" });
      this.other = element("div", { class: "problem-other", role: "group", hidden: true });
      this.other.append(
        element("p", {}, "This answer was changed in another tab, too. Nothing is kept until you choose."),
        element(
          "div",
          { class: "try-buttons" },
          button("Take the other one", () => this.settle(() => this.take())),
          button("Keep this one", () => this.settle(() => this.keep(true))),
        ),
      );
      this.form = kl.setForms[task.kind](task, {
        id: `answer-${task.id}`,
        job: (more) => this.job(more),
        changed: () => this.changed(),
        read: () => this.read(),
      });
      const box = element("div", { class: "practice-task" }, this.form.node);
      this.form.node.append(this.other, this.said);
      place.replaceChildren(box);
      const section = place.closest("section");
      section.classList.toggle("problem-in-form", ["prove", "repair"].includes(task.kind));
      for (const fold of section.querySelectorAll("details.problem-starter")) fold.open = false;
      box.addEventListener("beforeinput", (event) => this.refuseWhatIsCut(event));
      if (page.store.seen[task.name] !== undefined) this.take();
    }

    get name() {
      return this.task.name;
    }

    job(more) {
      const { name, store } = this.page;
      return { set: name, code: store.code, task: this.name, ...more };
    }

    /** Show what is kept. */
    take() {
      const { store } = this.page;
      const kept = store.read()[this.name];
      store.seen = { ...store.seen, [this.name]: kept };
      this.form.fill(kept);
      this.shown = this.form.answer;
    }

    changed() {
      this.asked++;
      this.tell("");
      this.keep();
    }

    keep(force = false) {
      const { store } = this.page;
      const answer = this.form.answer;
      const isKept = same(answer, this.shown) && !force ? true : store.save(this.name, answer, force);
      this.other.hidden = isKept;
      if (isKept) this.shown = answer;
      this.page.showNote();
    }

    settle(how) {
      how();
      this.other.hidden = true;
      this.form.node.querySelector("textarea, input")?.focus();
    }

    /** Another tab has kept something. */
    refresh() {
      if (this.page.store.isSeen(this.name)) return;
      this.other.hidden = same(this.form.answer, this.shown);
      if (!this.other.hidden) return;
      this.take();
      this.tell("Changed in another tab.");
    }

    /** A field would cut what is pasted, and say nothing. */
    refuseWhatIsCut(event) {
      const { target, data } = event;
      const { maxLength: most, selectionStart: from, selectionEnd: to } = target;
      const length = target.value.length - (to - from) + (data?.length ?? 0);
      if (!data || most < 0 || length <= most) return;
      event.preventDefault();
      this.tell(`Not put in: the field holds ${most} characters, and this would be ${length}.`);
    }

    /** Say how the answer is read. */
    async read() {
      const answer = this.form.answer;
      if (answer === undefined) return this.tell("Nothing is typed yet.");
      const number = ++this.asked;
      const isLate = () => number !== this.asked;
      try {
        const found = await python(this.job({ read: answer }), (text) => isLate() || this.tell(text));
        const said = [found.said, found.look].filter(Boolean).join(" ");
        if (!isLate()) this.tell(said, found.is_read);
      } catch (error) {
        if (!isLate()) this.tell(error.message);
      }
    }

    /** What cannot be read may quote what was typed, which is no formula. */
    tell(sentence, isRead) {
      this.said.classList.toggle("wrong", isRead === false);
      write(this.said, sentence, isRead === true);
    }
  }

  class Page {
    constructor(desk, name) {
      const { title, tasks, retired } = kl.tasks[name];
      const kinds = { ...retired };
      for (const task of tasks) kinds[task.name] = task.kind;
      Object.assign(this, { desk, name, title, tasks, set: { name, kinds }, key: `kl-set ${name}` });
      const code = this.codeKept();
      if (code) this.begin(code);
      else this.askCode();
    }

    // The code

    codeKept() {
      try {
        return readCode(localStorage.getItem(this.key) ?? "");
      } catch {
        return "";
      }
    }

    keepCode(code) {
      try {
        localStorage.setItem(this.key, code);
      } catch {
        // It is asked for again next time.
      }
    }

    askCode() {
      const field = kl.parts.field("Your personal code", { id: "set-code", size: 12 });
      const said = element("p", { class: "try-status wrong", id: "set-code-said", role: "status" });
      field.input.setAttribute("aria-describedby", said.id);
      const form = element(
        "form",
        { class: "try-editor practice-form" },
        element("p", { class: "try-words" }, "Your instructor gave you a personal code. It decides the numbers in your tasks."),
        field.node,
        element("button", { type: "submit", class: "try-check" }, "Use this code"),
        said,
      );
      form.noValidate = true;
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        try {
          const code = readCode(field.input.value);
          this.keepCode(code);
          this.begin(code);
          this.title.firstChild.data += "It has no typing mistake. ";
          this.title.focus();
        } catch (error) {
          said.textContent = error.message;
          field.input.setAttribute("aria-invalid", "true");
          field.input.focus();
        }
      });
      this.desk.replaceChildren(element("div", { class: "practice-task" }, form));
      field.input.focus({ preventScroll: true });
    }

    /** Another student may use this browser, and finds no answers but their own. */
    forgetCode() {
      this.keepCode("");
      location.reload();
    }

    /** What "Use another code" asks first. */
    otherCode() {
      const open = button("Use another code", () => show(true), { class: "try-link" });
      const kept =
        `Your answers under ${this.store.code} stay in this browser. ` +
        "They are here again when you type that code again.";
      const forget = button("Go on to another code", () => this.forgetCode());
      const asks = element(
        "div",
        { class: "problem-other", hidden: true },
        element("p", {}, kept),
        element("div", { class: "try-buttons" }, forget, button("Cancel", () => show(false))),
      );
      const show = (is) => {
        asks.hidden = !is;
        open.hidden = is;
        (is ? forget : open).focus();
      };
      return [open, asks];
    }

    // The answers

    begin(code) {
      this.store = new Store(this.set, code);
      this.title = element("p", { tabindex: -1, class: "problem-code" }, `Your code is ${code}. `);
      const [other, asks] = this.otherCode();
      this.title.append(other);
      this.said = element("p", { class: "try-words", role: "status" });
      this.note = element("p", { role: "status", class: "wrong" });
      this.again = button("Try again", () => this.fetchNumbers(), { hidden: true });
      const legend = element("p", { class: "try-words" }, LEGEND);
      const box = element("div", { class: "try-editor" }, ...[this.title, asks, legend, this.said, this.again, this.note]);
      this.desk.replaceChildren(element("div", { class: "practice-task" }, box));
      const places = [...document.querySelectorAll(".problem-answer[data-task]")];
      this.answers = this.tasks.map((task) => {
        const place = places.find(({ dataset }) => dataset.task === task.name);
        return new Answer(task, place, this);
      });
      kl.handIn(document.getElementById("problem-set-end"), this, python);
      this.showNote();
      addEventListener("storage", ({ key }) => {
        if (key !== this.store.key && key !== null) return;
        for (const answer of this.answers) answer.refresh();
      });
      this.fetchNumbers();
    }

    showNote() {
      if (this.note.textContent !== this.store.note) this.note.textContent = this.store.note;
    }

    /** Put the numbers of this code into the tasks. */
    async fetchNumbers() {
      if (!this.tasks.some(({ own }) => own)) return;
      if (document.activeElement === this.again) this.title.focus();
      this.again.hidden = true;
      const tell = (text) => (this.said.textContent = `For your numbers: ${text}`);
      try {
        const { tasks } = await python({ set: this.name, code: this.store.code }, tell);
        for (const answer of this.answers) this.renew(answer, tasks[answer.name]);
        this.said.textContent = "The tasks have your own numbers.";
      } catch (error) {
        this.said.textContent = `Your numbers could not be made. ${error.message} ${ALL_THE_SAME}`;
        this.again.hidden = false;
      }
    }

    renew(answer, data) {
      if (!data) return;
      const section = answer.form.node.closest("section");
      section.querySelector(".problem-asked").replaceChildren(...kl.asked(data));
      answer.task = { ...answer.task, ...data };
      answer.form.renew(answer.task);
    }
  }

  kl.problemSet = (desk, name) => new Page(desk, name);
})();
