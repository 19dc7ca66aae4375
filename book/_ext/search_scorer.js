// What the search ranks first: Sphinx's own numbers, with three changes. A function whose name
// merely contains the word comes after the pages, so that "entropy" leads to the chapter that
// explains it. Of pages that score the same, the chapters come first. What is inside the package
// comes last.
var Scorer = {
  score([page, , , , score]) {
    if (/api_inside/.test(page)) return score - 20;
    return score - (/^notebooks\/(?!00)/.test(page) ? 0 : 1);
  },
  objNameMatch: 11,
  objPartialMatch: -6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
