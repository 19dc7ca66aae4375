// Waits for the buttons "Try it" below the derivations. What an editor needs is loaded when the
// first is pressed: the lines of this chapter, the editor, and the engine that runs the checker.

(() => {
  async function open(button) {
    const { try: number, page } = button.dataset;
    const engine = kl.load("engine.js").catch(() => {}); // without it, the editor says so
    try {
      const parts = [`tries/${page}.js`, "ui.js", "proof-editor.js", "try-editor.js"];
      await Promise.all([engine, kl.loadAll(parts)]);
    } catch {
      button.textContent = "Could not be loaded. Try again";
      return;
    }
    kl.tryDerivation(button, number, kl.tries[page][number]);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-try]");
    if (button) open(button);
  });
})();
