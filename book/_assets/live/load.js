// kl.load(file)      the promise that a script or a style sheet beside this one is there
// kl.loadAll(files)  of several, which run in their order
//
// Each file is loaded once. One that failed is asked for again, and so are those that came with it,
// as they may have missed it. A page opened from disk may not fetch, so all comes by elements.

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

  window.kl ??= {};

  kl.load = (file) => {
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

  kl.loadAll = (files) =>
    Promise.all(files.map(kl.load)).catch((error) => {
      for (const file of files) delete loading[file];
      throw error;
    });
})();
