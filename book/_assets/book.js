// Settings that have to stand before MathJax and Sphinx's search start.

// A comma or a full stop stays on the line of the formula before it.
function keepPunctuation() {
  for (const formula of document.querySelectorAll("span.math")) {
    const text = formula.nextSibling;
    const mark = text?.nodeType === Node.TEXT_NODE && text.data.match(/^[.,;:?!)’]+/);
    if (!mark) continue;
    text.splitText(mark[0].length);
    const together = document.createElement("span");
    together.style.whiteSpace = "nowrap";
    formula.before(together);
    together.append(formula, text);
  }
}

// Formulas on the screen come first; the others follow in groups, so that a long chapter can be read
// at once. `waiting` holds those that are still to come.
const GROUP = 100;
let waiting = [];

async function typesetPage() {
  keepPunctuation();
  const places = ".math, .mathjax_process";
  const formulas = [...document.querySelectorAll(places)].filter(
    (formula) => !formula.parentElement.closest(places),
  );
  const isOnScreen = (formula) => {
    const { top, bottom, width } = formula.getBoundingClientRect();
    return width && bottom > 0 && top < innerHeight;
  };
  const first = formulas.filter(isOnScreen);
  waiting = formulas.filter((formula) => !first.includes(formula));
  await MathJax.typesetPromise(first);
  performance.mark("first view typeset");
  while (waiting.length) {
    await new Promise((resolve) => setTimeout(resolve));
    await MathJax.typesetPromise(waiting.splice(0, GROUP));
  }
  performance.mark("page typeset");
}

// The Tab key stops at a formula that is wider than its box, so that keys can scroll it, and passes
// by all others, hundreds in a chapter; left alone, a browser stops where a fraction of a pixel is
// missing. The observer also hears of folds that open and of phones that are turned.
const boxes = new ResizeObserver((entries) => {
  // Two pixels or less are rounding, and hide nothing; the theme, which also stops at outputs,
  // does not see it so.
  const slack = (box) => (box.matches(".output") ? 0 : 2);
  const scrolls = (box) => box.scrollWidth > box.clientWidth + slack(box);
  const found = entries.map(({ target }) => [target, scrolls(target)]);
  for (const [box, scrolls] of found) {
    box.tabIndex = scrolls ? 0 : -1;
    box.role = scrolls ? "group" : null;
    box.ariaLabel = scrolls ? scrollingName(box) : null;
  }
});

function scrollingName(box) {
  const number = box.querySelector("mlabeledtr > mtd")?.textContent.trim();
  return `Formula${number ? ` ${number}` : ""}, scrolls sideways`;
}

// MathJax comes by here after all else, for the page and for whatever is typeset later.
function watchBoxes({ options }) {
  // As the style sheets have it.
  const scrolling =
    "div.math, .try-formulas .math, :is(.problem-given, .problem-goal, .problem-asked li) .math";
  for (const part of options.elements ?? []) {
    if (part.matches(scrolling)) boxes.observe(part);
    for (const box of part.querySelectorAll(scrolling)) boxes.observe(box);
  }
}

window.MathJax = {
  // In the page, only what is marked as mathematics is read: a dollar or a backslash is not.
  options: {
    ignoreHtmlClass: "bd-container",
    processHtmlClass: "math|mathjax_process",
    menuOptions: { settings: { inTabOrder: false } },
    renderActions: { watchBoxes: [1000, watchBoxes, () => {}] },
  },
  startup: {
    pageReady: () => {
      const { menu } = MathJax.startup.document;
      // The speech engine is not among our files; screen readers get MathML, which is always on.
      menu?.menu.findID("Accessibility")?.disable();
      menu?.setTabOrder(false); // whatever another site at this address has kept
      return typesetPage();
    },
  },
};

// A page opened as a file may not fetch the others, so the search shows titles without excerpts.
if (location.protocol === "file:" && typeof DOCUMENTATION_OPTIONS !== "undefined") {
  DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
}

// On paper everything is open and light; on the screen all is then as it was.
const closedFolds = [];
let themeOnScreen;

addEventListener("beforeprint", () => {
  if (waiting.length) MathJax.typeset(waiting.splice(0));
  closedFolds.push(...document.querySelectorAll("details:not([open])"));
  for (const fold of closedFolds) fold.open = true;
  themeOnScreen = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
});

addEventListener("afterprint", () => {
  for (const fold of closedFolds.splice(0)) fold.open = false;
  document.documentElement.dataset.theme = themeOnScreen;
});

// An equation may stand in a closed fold; a link to it opens the fold.
function showTarget() {
  const target = document.querySelector(":target");
  if (!target?.closest("details:not([open])")) return;
  for (let fold = target; (fold = fold.parentElement?.closest("details")); ) fold.open = true;
  target.scrollIntoView();
}

addEventListener("hashchange", showTarget);
addEventListener("load", showTarget);
