// The forms of a problem set: one for each task, and what is asked with a student's own numbers.
//
//   kl.setForms[kind](task, { id, job, changed, read })   a form:
//       node           what is shown
//       answer         what is typed, as it is handed in; undefined for none
//       fill(answer)   shows an answer in the place of what is typed
//       renew(task)    has other lines now: those with the student's numbers
//       isUnchanged    is there nothing in the answer but what was given? (or no such thing)
//   kl.asked(task)     nodes for what is asked
//
// `job(more)` is a job for Python about the task, `changed()` is told of every change, and `read()`
// asks how the answer is read. No form says whether an answer is right, but for a proof's lines.

(() => {
  const { element, button, fit, write } = kl.ui;
  const { words, display, field, typedAs } = kl.parts;
  const { LONGEST } = kl.submission;
  const PAUSE = 1000; // ms without a key before it is said how an answer is read
  const BEGIN_AGAIN = "Put back the program to begin with";
  const NOT_RUN = "This page does not run your program. Try it out on your own machine.";
  const isEmpty = ({ text, reason }) => !reason && !text.replace(/^=/, "").trim();

  /** The editor of the derivations, which ticks lines; `rows` are those of a task and an answer. */
  function lineForm(task, { id, job, changed }, { legend, rows, canAdd, answerIn, fewest = 2, praise = "", isGiven = () => false }) {
    const title = element("p", { class: "practice-legend", id: `${id}-title` }, legend);
    const editor = new kl.ProofEditor({
      id: title.id,
      label: (place) => `(${place})`,
      jobOf: (lines) => job({ lines: lines.slice(1) }),
      typesetJob: (text) => job({ typeset: text }),
      refusal: (lines) => (lines.length < fewest ? "Write a line first." : ""),
      praise: () => praise,
      isBrief: () => true,
      changed,
      head: [title, typedAs(task.letters)],
    });
    kl.load("engine.js").catch(() => {}); // without it, the editor says so
    const form = {
      node: editor.form,
      get answer() {
        return answerIn(editor, task);
      },
      get isUnchanged() {
        return isGiven(editor, task);
      },
      fill: (answer) => editor.fill(rows(task, answer), canAdd),
      renew(other) {
        const answer = form.answer;
        task = other;
        rows(task, answer).forEach((row, place) => {
          if (!row.fixed) return;
          editor.rows[place].text = () => row.text;
          editor.lookAt(editor.rows[place], row.look, row.text);
        });
        if (!answer && !editor.form.contains(document.activeElement)) form.fill();
      },
    };
    form.fill();
    return form;
  }

  const fixedRow = ({ text, latex }) => ({ text, look: latex, fixed: true });

  function prove(task, about) {
    return lineForm(task, about, {
      legend: "Your proof",
      praise: "Every line is true.",
      canAdd: true,
      rows: ({ lines: [first] }, answer) => [fixedRow(first), ...(answer?.lines ?? [{ text: "= " }])],
      answerIn: ({ lines }) => {
        const mine = lines.slice(1).map(([text, reason]) => ({ text, reason }));
        return mine.every(isEmpty) ? undefined : { lines: mine };
      },
    });
  }

  function repair(task, about) {
    const given = ({ lines, at }) => lines[at].text;
    return lineForm(task, about, {
      legend: `Your line (${task.at}), in the place of the wrong one`,
      canAdd: false,
      fewest: task.lines.length,
      isGiven: ({ lines }, own) => lines[own.at][0] === given(own),
      rows: (own, answer) =>
        own.lines.map((line, place) =>
          place === own.at ? answer ?? { text: given(own) } : fixedRow(line),
        ),
      answerIn: ({ lines }, own) => {
        const [text, reason] = lines[own.at];
        const isMine = reason || (text !== given(own) && text);
        return isMine ? { text, reason } : undefined;
      },
    });
  }

  /** A form of one field, with a button that asks how it is read. */
  function fieldForm(task, { id, changed, read }, { name, attributes, start = "", asks, ...how }) {
    const one = field(name, { id: `${id}-field`, ...attributes });
    const { input } = one;
    const count = element("p", { class: "try-words", id: `${id}-count` });
    const ask = button("How is it read?", () => read(), { hidden: !asks });
    const node = element(
      "form",
      { class: "try-editor practice-form" },
      ...(asks && how.letters ? [typedAs(how.letters)] : []),
      ...(how.head ?? []),
      ...[one.node, count, element("div", { class: "try-buttons" }, ask)],
    );
    node.noValidate = true;
    input.setAttribute("aria-describedby", count.id);
    let waiting;
    const show = () => {
      if (input.matches("textarea")) fit(input);
      count.hidden = !how.counts && 2 * input.value.length < input.maxLength;
      count.textContent = `${input.value.length} of ${input.maxLength} characters`;
    };
    node.addEventListener("submit", (event) => {
      event.preventDefault();
      read();
    });
    input.addEventListener("input", () => {
      show();
      changed();
      clearTimeout(waiting);
      if (asks) waiting = setTimeout(() => kl.live?.isReady && read(), PAUSE);
    });
    const form = {
      node,
      get answer() {
        const text = input.value;
        return text.trim() && text !== start ? (how.answerOf ?? String)(text) : undefined;
      },
      fill(answer) {
        input.value = answer === undefined ? start : (how.textOf ?? String)(answer);
        show();
      },
      renew: () => {},
    };
    form.fill();
    return form;
  }

  const compute = (task, about) =>
    fieldForm(task, about, {
      name: "Your number, or an expression for it",
      asks: true,
      letters: [],
      answerOf: (text) => text.trim().replace(/^[=≈]\s*/, ""), // "= 2" is meant as 2
    });

  const condition = (task, about) =>
    fieldForm(task, about, {
      name: "Your condition: comparisons, such as `a > 1`, one on each row",
      attributes: { rows: 2 },
      asks: true,
      letters: task.letters,
      answerOf: (text) => text.split("\n").map((row) => row.trim()).filter(Boolean),
      textOf: (rows) => rows.join("\n"),
    });

  function program(task, about) {
    const form = fieldForm(task, about, {
      name: `Your program, with the function \`${task.function}\``,
      attributes: { rows: 8, maxlength: LONGEST.program, class: "practice-field problem-program" },
      head: [element("p", { class: "try-words" }, NOT_RUN)],
      start: task.starter,
      asks: true,
      counts: true,
    });
    form.node.querySelector(".try-buttons").append(startAgain(form, about));
    return form;
  }

  /** A button that puts back the program to begin with, and once more, what stood there before. */
  function startAgain(form, { changed }) {
    const put = button(BEGIN_AGAIN, () => {
      const mine = form.answer;
      form.fill(put.mine);
      put.mine = put.mine === undefined ? mine : undefined;
      put.textContent = put.mine === undefined ? BEGIN_AGAIN : "Put back my program";
      changed();
    });
    form.node.addEventListener("input", () => {
      put.mine = undefined;
      put.textContent = BEGIN_AGAIN;
    });
    return put;
  }

  const explain = (task, about) =>
    fieldForm(task, about, {
      name: "Your answer, in words",
      attributes: {
        ...{ rows: 5, maxlength: LONGEST.explain, class: "practice-field problem-words" },
        ...{ spellcheck: "true", autocapitalize: "on" },
      },
      counts: true,
    });

  // What is asked

  const paragraph = (text, attributes) => {
    const node = element("p", attributes);
    write(node, text);
    return node;
  };

  /** A plot is an image of its own: nothing in it can act in the page. */
  function figure(svg) {
    const drawn = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
    const alt = drawn.getAttribute("aria-label") ?? "";
    const image = element("img", { alt, src: `data:image/svg+xml,${encodeURIComponent(svg)}` });
    return element("div", { class: "problem-figure" }, image);
  }

  /** The program to begin with, which stays in sight when another is typed over it. */
  function begin(starter) {
    const name = starter.match(/^def (\w+)/m)?.[1] ?? "";
    const summary = element("summary", {}, `The program to begin with: ${name}`);
    const code = element("pre", { tabindex: 0 }, starter.trim());
    return element("details", { class: "problem-starter" }, summary, code);
  }

  function asked({ statement, given, lines, at, goal, lemmas, starter, figure: svg }) {
    const nodes = statement.trim().split("\n\n").map((text) => paragraph(text));
    if (given?.length) {
      const formulas = given.map((formula) => `$${formula}$`).join(" ");
      nodes.push(paragraph(`Given: ${formulas}`, { class: "problem-given" }));
    }
    if (lines) nodes.push(element("div", { class: "problem-lines" }, ...lines.map(display)));
    if (at !== undefined) nodes.push(paragraph(`Line (${at}) is wrong.`));
    if (goal) nodes.push(paragraph(`Goal: $${goal}$`, { class: "problem-goal" }));
    if (lemmas?.length) {
      nodes.push(paragraph("Name one of these in a reason to use it:"));
      const items = lemmas.map(({ name, formula }) => element("li", {}, words(`${name}: $${formula}$`)));
      nodes.push(element("ul", {}, ...items));
    }
    if (starter) nodes.push(begin(starter));
    if (svg) nodes.push(figure(svg));
    return nodes;
  }

  kl.setForms = { prove, repair, condition, compute, program, explain };
  kl.asked = asked;
})();
