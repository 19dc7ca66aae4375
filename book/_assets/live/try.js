// Waits for the buttons "Try it" below the derivations. What an editor needs is loaded when the
// first is pressed: the lines of this chapter, the editor, and the engine that runs the checker.
// A page opened as a file may not fetch, so all comes by elements.

(() => {
  const base = document.currentScript.src;
  const loading = {};
  window.kl ??= {}; // where the files that follow put what they bring

  /** Load a file from beside this one, once; a file that failed is asked for again. */
  function load(file) {
    loading[file] ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = new URL(file, base).href;
      script.onload = resolve;
      script.onerror = () => {
        delete loading[file];
        reject(new Error(file));
      };
      document.head.append(script);
    });
    return loading[file];
  }

  async function open(button) {
    const { try: number, page } = button.dataset;
    const engine = load("engine.js").catch(() => {}); // without it, the editor says so
    try {
      await Promise.all([load(`tries/${page}.js`), engine, load("ui.js")]);
      await load("proof-editor.js");
      await load("try-editor.js");
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
