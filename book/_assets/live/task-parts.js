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

  /** How letters are typed; the language stands on a page that opens beside this one. */
  function typedAs(names) {
    const root = document.documentElement.dataset.content_root ?? "../";
    const listed = names.map((name) => `\`${name}\``).join(", ");
    const start = words(listed ? `Type the letters as ${listed}, in the ` : "Type in the ");
    const to = { href: `${root}book/checking.html#the-language`, target: "_blank", rel: "noopener" };
    const language = element("a", to, "language of the lines");
    return element("p", { class: "try-words" }, start, language, " (opens a new tab).");
  }

  /** What is given, and how its letters are typed. */
  function given(data) {
    const formulas = element("div", { class: "try-formulas" });
    typeset(formulas, data.given, data.given.join("; "));
    const nodes = [element("div", { class: "try-given" }, element("span", {}, "Given"), formulas)];
    if (data.letters) nodes.push(typedAs(data.letters));
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

  kl.parts = { missing, words, display, field, typedAs, given, chain };
})();
