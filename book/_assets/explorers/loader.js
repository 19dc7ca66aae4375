// Loads the explorers on pages that have one, such as <div data-explorer="two-gaussians">.
// A page opened as a file may not fetch, so all comes by elements: scripts, a style sheet, images.
// Where no script runs, the words inside the element stay.

window.Explorers = {
  base: document.currentScript.src,

  /** The address of a file that lies beside this one. */
  address(file) {
    return new URL(file, this.base).href;
  },

  /** Load a script from beside this one; the promise is kept when it has run. */
  load(file) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = this.address(file);
      script.async = false; // in the order in which they were asked for
      script.onload = resolve;
      script.onerror = reject;
      document.head.append(script);
    });
  },
};

document.addEventListener("DOMContentLoaded", () => {
  const hosts = [...document.querySelectorAll("[data-explorer]")];
  if (!hosts.length) return;
  const style = document.createElement("link");
  style.rel = "stylesheet";
  style.href = Explorers.address("explorers.css");
  document.head.append(style);
  const names = new Set(hosts.map((host) => host.dataset.explorer));
  for (const name of ["numerics", "plot", "library", ...names]) Explorers.load(`${name}.js`);
});
