// Waits for the button of the workbench, or for an address that holds a proof, and loads the rest.

(() => {
  const FILES = [
    "try.css",
    "ui.js",
    "proof-editor.js",
    "workbench-data.js",
    "workbench-proof.js",
    "workbench-editor.js",
  ];
  const button = document.getElementById("workbench-open");
  const status = button.nextElementSibling;
  const comesWithProof = () => location.hash.startsWith("#proof=");

  async function open() {
    const engine = kl.load("engine.js").catch(() => {}); // without it, the editor says so
    try {
      await Promise.all([engine, ...FILES.map(kl.load)]);
      status.textContent = "";
    } catch {
      status.textContent = "The workbench could not be loaded. Try again.";
      return;
    }
    kl.openWorkbench(button);
  }

  button.addEventListener("click", open);
  addEventListener("hashchange", () => comesWithProof() && open());
  if (comesWithProof()) open();
})();
