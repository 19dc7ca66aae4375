// What the parts of a page that answer have in common: elements, buttons, formulas.
//
// What a reader types, or an address holds, goes into fields and texts, and comes back as LaTeX that
// the checker has made of it; it is never put into the page as HTML.

(() => {
  // The checker writes none of these. Should one ever slip through, a formula stays plain text.
  const UNWANTED =
    /\\(?:href|url|html\w*|class|cssId|style|data|require|def|g?let|(?:re)?newcommand|newenvironment|unicode|action\w*|toggle|mathtip|texttip|bbox)(?![a-zA-Z])/;

  function element(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children);
    return node;
  }

  function button(words, press, attributes = {}) {
    const node = element("button", { type: "button", ...attributes }, words);
    node.addEventListener("click", press);
    return node;
  }

  /** A choice among pairs of value and words, with a label. */
  function choice(label, pairs, changed) {
    const options = pairs.map(([value, words]) => element("option", { value }, words));
    const select = element("select", {}, ...options);
    select.addEventListener("change", () => changed(select.value));
    return { select, node: element("label", { class: "ui-choice" }, label, " ", select) };
  }

  /** a, b, …, z, aa, ab, … */
  function letters(position) {
    const last = String.fromCharCode(97 + (position % 26));
    return (position < 26 ? "" : letters(Math.floor(position / 26) - 1)) + last;
  }

  // One formula after the other, behind those of the page.
  let typesetting = Promise.resolve();

  /** Show LaTeX in a box, as the page shows its own: a display, or a list of short formulas. */
  function typeset(box, latex, plain) {
    const asText = () => box.replaceChildren(element("pre", { tabindex: 0 }, plain));
    const mine = (box.typesetNumber = (box.typesetNumber ?? 0) + 1);
    if (!window.MathJax?.startup || UNWANTED.test(latex)) {
      asText();
      return Promise.resolve();
    }
    typesetting = typesetting
      .then(() => MathJax.startup.promise)
      .then(() => {
        if (mine !== box.typesetNumber) return; // something newer is to be shown
        MathJax.typesetClear([box]);
        const formula = (tex) => element("span", { class: "math" }, `\\(${tex}\\)`);
        box.replaceChildren(...(Array.isArray(latex) ? latex.map(formula) : [latex]));
        return MathJax.typesetPromise([box]);
      })
      .then(() => {
        // The page has the numbers of these lines already, and links lead to those.
        for (const tag of box.querySelectorAll('[id^="mjx-eqn"]')) tag.removeAttribute("id");
      })
      .catch(asText);
    return typesetting;
  }

  /** Words with $formulas$ and `code`, as nodes in a box; or with code alone. */
  function write(box, words, hasFormulas = true) {
    const parts = words.split(hasFormulas ? /(\$[^$]*\$|`[^`]*`)/ : /(`[^`]*`)/).filter(Boolean);
    const formulas = [];
    box.replaceChildren(
      ...parts.map((part) => {
        if (/^`[^`]*`$/.test(part)) return element("code", {}, part.slice(1, -1));
        if (!hasFormulas || !/^\$[^]*\$$/.test(part)) return part;
        const span = element("span", { class: "math notranslate nohighlight" }, part);
        formulas.push([span, part.slice(1, -1)]);
        return span;
      }),
    );
    return Promise.all(formulas.map(([span, tex]) => typeset(span, [tex], tex)));
  }

  /** A field as high as what stands in it. */
  function fit(field) {
    if (CSS.supports("field-sizing", "content")) return;
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight + 2}px`;
  }

  /** Offer a text as a file. */
  function download(name, text, type = "text/plain") {
    const address = URL.createObjectURL(new Blob([text], { type }));
    element("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }

  (window.kl ??= {}).ui = { element, button, choice, letters, typeset, write, fit, download };
})();
