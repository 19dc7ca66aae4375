// The answers to a problem set, as a file and as this browser keeps them; nothing is sent anywhere.
//
//   kl.submission.readCode(text)          a personal code in its usual form; an Error says why it is none
//   kl.submission.parse(text, set, code)  {answers, strays} of a file; an Error says why not
//   new kl.submission.Store(set, code)    what this browser keeps for one student
//
// `set` is {name, kinds}, where `kinds` has the kind of each task. Codes and files are as in
// kl_utils/exercises, in codes.py and submission_files.py.

(() => {
  const SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"; // no 0 and O, no 1, I and L
  const LENGTH = 7;
  const VERSION = 1;
  const LARGEST = 256 * 1024; // bytes of a file
  const LINES = 60;
  const LONGEST = { line: 1000, program: 20_000, explain: 5_000 }; // characters

  // The code

  /** A sign that changes with each single sign, and where two neighbours change places. */
  function checkSign(signs) {
    const total = [...signs].reduce((sum, sign, place) => sum + (place + 1) * SIGNS.indexOf(sign), 0);
    return SIGNS[total % SIGNS.length];
  }

  function readCode(text) {
    const signs = text.toUpperCase().replace(/[-\s_–]/g, "");
    if (!new RegExp(`^[${SIGNS}]{${LENGTH + 1}}$`).test(signs)) {
      throw new Error(
        `A code has ${LENGTH + 1} letters and digits, such as K7QX-2M9M; ` +
          "there is no 0, 1, I, L or O in it.",
      );
    }
    if (checkSign(signs.slice(0, LENGTH)) !== signs[LENGTH]) {
      throw new Error("There is a typing mistake somewhere in this code.");
    }
    return `${signs.slice(0, 4)}-${signs.slice(4)}`;
  }

  // Files

  const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
  const isText = (value, longest) => typeof value === "string" && value.length <= longest;

  function line(value) {
    const { text, reason = "" } = isObject(value) ? value : { text: value };
    return isText(text, LONGEST.line) && isText(reason, LONGEST.line) ? { text, reason } : undefined;
  }

  function lines(value) {
    const found = (isObject(value) ? value.lines : value) ?? undefined;
    if (!Array.isArray(found) || found.length > LINES) return undefined;
    const all = found.map(line);
    return all.every(Boolean) ? { lines: all } : undefined;
  }

  function rows(value) {
    const found = typeof value === "string" ? [value] : value;
    const isFine = Array.isArray(found) && found.length <= LINES;
    return isFine && found.every((text) => isText(text, LONGEST.line)) ? found : undefined;
  }

  function short(value) {
    const text = typeof value === "number" ? String(value) : value;
    return isText(text, LONGEST.line) ? text : undefined;
  }

  /** By kind, an answer as the page has it; undefined where it is none. */
  const answerOf = {
    prove: lines,
    repair: line,
    condition: rows,
    compute: short,
    program: (value) => (isText(value, LONGEST.program) ? value : undefined),
    explain: (value) => (isText(value, LONGEST.explain) ? value : undefined),
  };

  function parse(text, { name, kinds }, code) {
    if (new Blob([text]).size > LARGEST) throw new Error("This is too large to be a submission.");
    let data;
    try {
      data = JSON.parse(text);
    } catch {
      throw new Error("This is no submission: it cannot be read as JSON.");
    }
    const isOne = isObject(data) && typeof data.set === "string" && isObject(data.answers);
    if (!isOne) throw new Error("This file is no submission to a problem set.");
    if (data.version > VERSION) throw new Error("This was made by a newer version.");
    if (data.version !== VERSION) throw new Error("This submission is damaged.");
    if (data.set !== name) throw new Error(`This belongs to the set “${data.set.slice(0, 40)}”.`);
    if (data.student !== code) {
      throw new Error(`This belongs to the code ${String(data.student).slice(0, 40)}, not to ${code}.`);
    }
    const names = Object.keys(data.answers);
    const known = names.filter((task) => Object.hasOwn(kinds, task));
    const answers = {};
    for (const task of known) {
      answers[task] = answerOf[kinds[task]](data.answers[task]);
      if (answers[task] === undefined) throw new Error(`This submission is damaged, at “${task}”.`);
    }
    return { answers, strays: names.length - known.length };
  }

  // What this browser keeps

  class Store {
    constructor(set, code) {
      Object.assign(this, { set, code, key: `kl-set ${set.name} ${code}`, note: "" });
      this.seen = this.read(); // what this page has shown or saved last
    }

    /** The answers, as they are kept now: another tab may have changed them. */
    read() {
      if (this.memory) return this.memory;
      let text;
      try {
        text = localStorage.getItem(this.key);
        return text === null ? {} : parse(text, this.set, this.code).answers;
      } catch {
        return this.putAside(text);
      }
    }

    putAside(text) {
      try {
        localStorage.setItem(`${this.key} aside ${Date.now()}`, text);
        localStorage.removeItem(this.key);
        this.note = "What was kept here could not be read. It was put aside in this browser's storage.";
      } catch {
        this.memory = {};
        this.note = "This browser keeps nothing for this page: export your answers before you close it.";
      }
      return {};
    }

    /** Is what is kept for a task still what this page has seen? */
    isSeen(task) {
      return same(this.read()[task], this.seen[task]);
    }

    /** Keep an answer; undefined for none. False, and nothing is kept, where another tab had its own. */
    save(task, answer, force = false) {
      if (!force && !this.isSeen(task)) return false;
      const answers = { ...this.read(), [task]: answer };
      this.seen = { ...this.seen, [task]: answer };
      if (this.memory) this.memory = answers;
      else this.write(answers);
      return true;
    }

    write(answers) {
      try {
        localStorage.setItem(this.key, this.text(answers));
      } catch {
        this.memory = answers;
        this.note = "This browser has no room left: export your answers before you close this page.";
      }
    }

    /** The file. */
    text(answers = this.read()) {
      const submission = { version: VERSION, set: this.set.name, student: this.code, answers };
      return `${JSON.stringify(submission, null, 1)}\n`;
    }
  }

  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

  kl.submission = { readCode, parse, same, Store, LARGEST, LONGEST };
})();
