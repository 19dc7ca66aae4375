// Waits for the button above a problem set, and loads what a live page needs. Who has answered here
// before needs no click.

(() => {
  const STYLES = ["try.css", "practice-task.css"];
  const SCRIPTS = ["ui", "task-parts", "proof-editor", "submission", "set-forms", "set-hand-in", "set-page"];
  const desk = document.getElementById("problem-set");
  if (!desk) return;
  const name = desk.dataset.set;
  const button = desk.querySelector("button");

  async function open() {
    button.textContent = "Loading …";
    try {
      const files = [...STYLES, ...SCRIPTS.map((script) => `${script}.js`)];
      await kl.loadAll([...files, `problem_sets/${name}.js`]);
    } catch {
      button.textContent = "Could not be loaded. Try again";
      return;
    }
    kl.problemSet(desk, name);
  }

  button.addEventListener("click", open);
  try {
    if (localStorage.getItem(`kl-set ${name}`) !== null) open();
  } catch {
    // Without a storage every visit is the first.
  }
})();
