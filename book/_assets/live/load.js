// kl.load(file)  the promise that a script or a style sheet beside this one is there
//
// Each file is loaded once, and those that are asked for together run in that order. A file that
// failed is asked for again. A page opened from disk may not fetch, so all comes by elements.

(() => {
  const base = document.currentScript.src;
  const loading = {};

  function elementFor(file) {
    const href = new URL(file, base).href;
    if (file.endsWith(".css")) {
      return Object.assign(document.createElement("link"), { rel: "stylesheet", href });
    }
    return Object.assign(document.createElement("script"), { async: false, src: href });
  }

  (window.kl ??= {}).load = (file) => {
    loading[file] ??= new Promise((resolve, reject) => {
      const node = elementFor(file);
      node.onload = resolve;
      node.onerror = () => {
        delete loading[file];
        node.remove();
        reject(new Error(file));
      };
      document.head.append(node);
    });
    return loading[file];
  };
})();
