// How the answers to a problem set leave the page, and come back on another machine: as a small file.

(() => {
  const { element, button, download, write } = kl.ui;
  const { parse, same, LARGEST } = kl.submission;
  const plural = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;

  class HandIn {
    constructor(place, page, python) {
      Object.assign(this, { page, python, store: page.store });
      this.said = element("p", { class: "try-status", role: "status" });
      this.list = element("div", { class: "problem-list", tabindex: -1, hidden: true });
      this.input = element("input", { type: "file", accept: ".json,application/json", hidden: true });
      this.input.addEventListener("change", () => this.take(this.input.files[0]));
      const buttons = element(
        "div",
        { class: "try-buttons" },
        button("Export my answers", () => this.review(), { class: "try-check" }),
        button("Import a file", () => this.input.click()),
      );
      const box = element("div", { class: "try-editor" }, buttons, this.input, this.said, this.list);
      place.replaceChildren(element("div", { class: "practice-task" }, box));
    }

    /** Show nodes below the buttons, and lead there. */
    show(...nodes) {
      this.list.replaceChildren(...nodes);
      this.list.hidden = false;
      this.list.focus({ preventScroll: true });
    }

    close(sentence) {
      this.list.hidden = true;
      this.said.textContent = sentence;
    }

    // Out

    /** List what is not answered, or cannot be read, before the file is made. */
    async review() {
      this.close("Reading your answers …");
      const faults = [];
      const blind = await this.blindness();
      for (const [place, answer] of this.page.answers.entries()) {
        const fault = await this.faultOf(answer, blind).catch(({ message }) => `not known. ${message}`);
        if (fault) faults.push(this.item(place, answer.task, fault));
      }
      const count = this.page.answers.length;
      const first = faults.length
        ? `Of ${plural(count, "task")}, ${plural(faults.length, "needs a look").replace("needs a looks", "need a look")}:`
        : `All ${count} tasks are answered.`;
      if (!faults.length && !blind) {
        this.close(first);
        return this.give(first);
      }
      this.said.textContent = "";
      this.show(
        element("p", {}, first),
        element("ul", {}, ...faults),
        ...(blind ? [element("p", {}, blind)] : []),
        element("div", { class: "try-buttons" }, button("Download the file", () => this.give())),
      );
    }

    /** Why Python cannot be asked, in a sentence; nothing where it can. */
    async blindness() {
      const { name, store } = this.page;
      try {
        await this.python({ set: name, code: store.code }, (text) => (this.said.textContent = text));
        return "";
      } catch (error) {
        return `Whether the answers can be read is not known here: ${error.message}`;
      }
    }

    async faultOf(answer, blind) {
      if (!answer.other.hidden) return "another tab has another answer; choose one first.";
      const kept = this.store.read()[answer.name];
      if (kept === undefined || answer.form.isUnchanged) return "not answered.";
      if (blind) return "";
      const tell = (text) => (this.said.textContent = text);
      const { said, look, is_read: isRead } = await this.python(answer.job({ read: kept }), tell);
      return isRead ? look : `cannot be read. ${said}`;
    }

    item(place, { id, title }, fault) {
      const link = element("a", { href: `#task-${id}` }, `${place + 1}. ${title}`);
      const why = element("span");
      write(why, fault, false); // it may quote what was typed
      return element("li", {}, link, ": ", why);
    }

    give(before = "") {
      const { set, code } = this.store;
      const text = this.store.text();
      if (new Blob([text]).size > LARGEST) {
        this.said.textContent = "Your answers are too large for a submission. Shorten the longest.";
        return;
      }
      const name = `${set.name}-${code.replace("-", "")}.json`;
      download(name, text, "application/json");
      this.said.textContent = `${before} Exported: ${name}. Hand it in where your instructor says.`;
    }

    // In

    async take(file) {
      this.input.value = "";
      if (!file) return;
      try {
        if (file.size > LARGEST) throw new Error("This is too large to be a submission.");
        const theirs = parse(await file.text(), this.store.set, this.store.code);
        this.compare(theirs);
      } catch (error) {
        this.close(`Nothing was imported. ${error.message}`);
      }
    }

    /** Where both have an answer, the student says which one stays. */
    compare({ answers, strays }) {
      const mine = this.store.read();
      const names = Object.keys(answers).filter((name) => !same(answers[name], mine[name]));
      const fresh = names.filter((name) => mine[name] === undefined);
      const other = names.filter((name) => mine[name] !== undefined);
      const left = strays ? ` Left out: ${plural(strays, "answer")} to no task of this set.` : "";
      const put = (chosen) => {
        for (const name of chosen) this.store.save(name, answers[name], true);
        for (const answer of this.page.answers) if (chosen.includes(answer.name)) answer.take();
        this.page.showNote();
        this.close(`Imported: ${plural(chosen.length, "answer")}.${left}`);
      };
      if (!other.length) return put(fresh);
      const tasks = this.page.answers.filter(({ name }) => other.includes(name));
      const titles = tasks.map(({ task }) => element("li", {}, task.title));
      const choose = (chosen) => {
        put(chosen);
        this.input.previousElementSibling.lastElementChild.focus();
      };
      this.close("");
      this.show(
        element("p", {}, "The file has other answers than this page to:"),
        element("ul", {}, ...titles),
        element(
          "div",
          { class: "try-buttons" },
          button("Take those of the file", () => choose(names)),
          button("Keep those here", () => choose(fresh)),
        ),
      );
    }
  }

  kl.handIn = (place, page, python) => new HandIn(place, page, python);
})();
