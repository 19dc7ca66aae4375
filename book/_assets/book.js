// Settings that have to stand before MathJax and Sphinx's search start.

window.MathJax = {
  // Only what Sphinx and the notebooks mark as mathematics is read.
  options: {
    ignoreHtmlClass: "tex2jax_ignore|mathjax_ignore",
    processHtmlClass: "tex2jax_process|mathjax_process|math|output_area",
  },
  startup: {
    pageReady: () =>
      MathJax.startup.defaultPageReady().then(() => {
        // The speech engine is not among our files; screen readers get MathML, which is always on.
        MathJax.startup.document.menu?.menu.findID("Accessibility")?.disable();
      }),
  },
};

// A page opened as a file may not fetch the others, so the search shows titles without excerpts.
if (location.protocol === "file:" && typeof DOCUMENTATION_OPTIONS !== "undefined") {
  DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
}
