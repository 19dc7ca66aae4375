// Parts of the forms of tasks: words, lines as they look, fields, and what is given.
//
//   kl.parts.field(name, attributes, look)   {node, input, read}; `read(sentence)` throws an Error
//                                            with that sentence where nothing is typed

(() => {
  const { element, typeset, write } = kl.ui;
  const LONGEST = 1000; // characters, as in kl_utils/exercises/task.py

  function missing(sentence) {
    throw new Error(sentence);
  }

  const words = (text, attributes = {}) => {
    const node = element("span", attributes);
    write(node, text);
    return node;
  };

  /** A line of a proof, or another display. */
  function display({ latex, text }) {
    const node = element("div", { class: "math notranslate nohighlight practice-display" });
    typeset(node, latex, text);
    return node;
  }

  /** A field with its name above it, and with room for its look below where that is wanted. */
  function field(name, attributes = {}, look = false) {
    const input = element(attributes.rows ? "textarea" : "input", {
      type: attributes.rows ? undefined : "text",
      class: "practice-field",
      spellcheck: "false",
      autocapitalize: "off",
      autocomplete: "off",
      autocorrect: "off",
      maxlength: LONGEST,
      ...attributes,
    });
    const label = element("label", { class: "practice-label" }, words(name), input);
    const shown = look ? [element("div", { class: "math practice-look", hidden: true })] : [];
    const node = element("div", { class: "practice-typed" }, label, ...shown);
    return { node, input, read: (sentence) => input.value.trim() || missing(sentence) };
  }

  /** What is given, and how its letters are typed. */
  function given(data) {
    const formulas = element("div", { class: "try-formulas" });
    typeset(formulas, data.given, data.given.join("; "));
    const nodes = [element("div", { class: "try-given" }, element("span", {}, "Given"), formulas)];
    if (data.letters) {
      const root = document.documentElement.dataset.content_root ?? "../";
      const language = element("a", { href: `${root}book/checking.html` }, "language of the lines");
      const letters = data.letters.map((letter) => `\`${letter}\``).join(", ");
      const typed = words(letters ? `Type the letters as ${letters}, in the ` : "Type in the ");
      nodes.push(element("p", { class: "try-words" }, typed, language, "."));
    }
    return nodes;
  }

  /** A chain of lines, of which one may be marked. */
  function chain(lines, marked, mark) {
    const rows = lines.map((line, place) => {
      const row = element("li", {}, display(line));
      if (place === marked) row.append(element("span", { class: "try-words" }, mark));
      return row;
    });
    return element("ol", { class: "practice-chain", role: "list" }, ...rows);
  }

  kl.parts = { missing, words, display, field, given, chain };
})();
