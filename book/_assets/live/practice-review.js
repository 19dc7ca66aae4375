// The page that repeats the practice tasks: what is due today, one after the other; how far a reader
// has come; and the answers as a file, to take along.

(() => {
  const { element, button, write, download } = kl.ui;
  const progress = kl.progress;
  const { Task } = kl.practice;
  const MANY = 20; // answers since the last export, and a sentence reminds of it
  const ENOUGH = 10; // predictions, before anything is said of how well they are calibrated

  const plural = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;
  const paragraph = (...children) => element("p", {}, ...children);
  const day = (time) =>
    new Date(time).toLocaleDateString("en-GB", { day: "numeric", month: "long" });

  function table(head, rows, caption) {
    const cells = (tag, texts, attributes) => texts.map((text) => element(tag, attributes, text));
    return element(
      "table",
      { class: "practice-table" },
      element("caption", {}, caption),
      element("thead", {}, element("tr", {}, ...cells("th", head, { scope: "col" }))),
      element(
        "tbody",
        {},
        ...rows.map(([first, ...others]) =>
          element(
            "tr",
            {},
            element("th", { scope: "row" }, first),
            ...cells("td", others, { class: "text-right" }),
          ),
        ),
      ),
    );
  }

  class Review {
    constructor(place, loaded) {
      Object.assign(this, { loaded, chapters: kl.tasks.index });
      this.versions = {};
      this.counts = {};
      for (const { tasks } of Object.values(this.chapters)) {
        for (const [name, [version, count]] of Object.entries(tasks)) {
          this.versions[name] = version;
          this.counts[name] = count;
        }
      }
      this.said = element("p", { role: "status" });
      this.note = element("p", {});
      this.task = element("div", {});
      this.start = button("Start", () => this.next(), { class: "try-check" });
      this.figures = element("div", {});
      place.replaceChildren(
        element(
          "div",
          { class: "try-editor practice-panel" },
          ...[this.note, this.said, this.start, this.task, this.figures, this.files()],
        ),
      );
      this.show();
      // Another tab may have answered something.
      addEventListener("storage", () => this.show());
    }

    /** The names of what is due now. */
    due(store, now = Date.now()) {
      const due = progress.schedule(store, this.versions);
      return [due.filter(([, time]) => time <= now), due.filter(([, time]) => time > now)];
    }

    show() {
      const store = progress.read();
      const [now, later] = this.due(store);
      this.note.textContent = progress.note();
      this.note.hidden = !progress.note();
      this.start.hidden = !now.length || this.task.hasChildNodes();
      this.start.textContent = "Start";
      this.said.textContent = this.sentence(now, later, progress.countSince(store, 0));
      this.figures.replaceChildren(...this.tables(store));
      const fresh = progress.countSince(store, store.exported);
      this.reminder.hidden = fresh < MANY;
      this.reminder.textContent = `${fresh} answers are in this browser only. Export them?`;
    }

    sentence(now, later, answers) {
      if (now.length) return `${plural(now.length, "question")} to review today.`;
      if (!answers) return "Nothing to review yet: what you miss in the chapters comes back here.";
      const next = later.length ? ` The next comes back on ${day(later[0][1])}.` : "";
      return `Nothing to review today.${next}`;
    }

    /** Ask what is due first. */
    async next() {
      const store = progress.read();
      const [[first]] = this.due(store);
      if (!first) {
        this.task.replaceChildren();
        this.show();
        return;
      }
      const [name] = first;
      try {
        await this.loaded(name);
      } catch {
        this.said.textContent = "The question could not be loaded. Try again.";
        return;
      }
      const variant = progress.nextVariant(store.tasks[name] ?? [], this.counts[name]);
      this.ask(name, variant);
    }

    ask(name, variant) {
      const next = button("Next", () => this.next(), { hidden: true });
      const done = () => {
        next.hidden = false;
        this.show();
      };
      const task = new Task(name, variant, { done });
      const number = name.split("/")[0];
      const { page } = this.chapters[number];
      const title = element("p", { class: "practice-words", tabindex: -1 }, `${task.task.heading} · `);
      const anchor = `practice-${name.replace("/", "-")}`;
      title.append(element("a", { href: `../notebooks/${page}.html#${anchor}` }, `chapter ${number}`));
      const statement = element("p", { class: "practice-statement" });
      write(statement, task.data.statement);
      this.task.replaceChildren(
        element("div", { class: "practice" }, title, statement, task.node, next),
      );
      this.start.hidden = true;
      title.focus();
    }

    tables(store) {
      const rows = Object.entries(this.chapters).map(([number, { title, page, tasks }]) => {
        const versions = Object.fromEntries(Object.entries(tasks).map(([n, [v]]) => [n, v]));
        const { answered, right } = progress.tally(store, versions);
        const link = element("a", { href: `../notebooks/${page}.html` }, title);
        return [link, `${answered} of ${Object.keys(tasks).length}`, right];
      });
      const head = ["Chapter", "Answered", "Right"];
      return [table(head, rows, "How far you are, by your first answer each time"), ...this.calibration(store)];
    }

    calibration(store) {
      const groups = progress.calibration(store);
      const all = groups.reduce((sum, [, { asked }]) => sum + asked, 0);
      if (all < ENOUGH) return [];
      const rows = groups.map(([confidence, { asked, right }]) => [
        `${Math.round(100 * confidence)} %`,
        asked,
        `${right}, which is ${Math.round((100 * right) / asked)} %`,
      ]);
      return [table(["You were sure to", "Predictions", "Right"], rows, "How sure you were, and how often right")];
    }

    // The answers as a file

    files() {
      this.reminder = element("p", { hidden: true });
      this.fileSaid = element("p", { role: "status" });
      this.input = element("input", { type: "file", accept: ".json,application/json", hidden: true });
      this.input.addEventListener("change", () => this.take(this.input.files[0]));
      this.forgetButton = button("Forget everything", () => this.confirm(true));
      const sure = element("span", {}, "This cannot be undone. ");
      this.sure = element("div", { class: "try-buttons", hidden: true });
      this.sure.append(
        sure,
        button("Forget all answers", () => this.forget()),
        (this.keepButton = button("Keep them", () => this.confirm(false))),
      );
      const buttons = element(
        "div",
        { class: "try-buttons" },
        button("Export", () => this.give()),
        button("Import", () => this.input.click()),
        this.forgetButton,
      );
      return element("div", {}, this.reminder, buttons, this.input, this.sure, this.fileSaid);
    }

    give() {
      progress.change((store) => ({ ...store, exported: Date.now() }));
      const date = new Date().toISOString().slice(0, 10);
      download(`practice-${date}.json`, JSON.stringify(progress.read(), null, 1), "application/json");
      this.fileSaid.textContent = "Exported.";
      this.show();
    }

    async take(file) {
      this.input.value = "";
      if (!file) return;
      try {
        if (file.size > progress.LARGEST) throw new Error("This is too large to be a file of answers.");
        const theirs = progress.parse(await file.text());
        const before = progress.countSince(progress.read(), 0);
        progress.change((store) => progress.merge(store, theirs));
        const added = progress.countSince(progress.read(), 0) - before;
        this.fileSaid.textContent = `Imported: ${plural(added, "answer")} that were not here.`;
      } catch (error) {
        this.fileSaid.textContent = `Nothing was imported. ${error.message}`;
      }
      this.show();
    }

    confirm(is) {
      this.sure.hidden = !is;
      (is ? this.keepButton : this.forgetButton).focus();
    }

    forget() {
      progress.change(() => progress.empty());
      this.task.replaceChildren();
      this.confirm(false);
      this.fileSaid.textContent = "All answers are forgotten.";
      this.show();
    }
  }

  kl.practice.review = (place, loaded) => new Review(place, loaded);
})();
