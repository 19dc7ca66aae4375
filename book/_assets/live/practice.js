// Waits for the buttons "Answer" of the practice tasks, and fills the page that repeats them. What
// a task needs is loaded when it is first asked for.

(() => {
  const STYLES = ["try.css", "practice-task.css"];
  const SCRIPTS = ["ui", "task-parts", "progress", "proof-editor", "practice-answers", "practice-forms", "practice-task"];
  const PARTS = [...STYLES, ...SCRIPTS.map((name) => `${name}.js`)];

  /** Load what a task needs: the parts above, and all tasks of its chapter. */
  function loaded(name) {
    const chapter = name.split("/")[0];
    return kl.loadAll([...PARTS, `practice/${chapter}.js`]);
  }

  async function open(button) {
    const { practice: name, variant = 0 } = button.dataset;
    try {
      await loaded(name);
    } catch {
      button.textContent = "Could not be loaded. Try again";
      return;
    }
    kl.practice.open(button, name, Number(variant));
  }

  async function review(place) {
    await kl.loadAll([...PARTS, "practice/index.js", "practice-review.js"]);
    kl.practice.review(place, loaded);
  }

  /** Say which tasks of the page were answered before, as far as that is kept and can be read. */
  function markAnswered() {
    let tasks = {};
    try {
      tasks = JSON.parse(localStorage.getItem("kl-practice"))?.tasks ?? {};
    } catch {
      return;
    }
    for (const button of document.querySelectorAll("button[data-practice]")) {
      if (!tasks[button.dataset.practice]?.length) continue;
      button.textContent = "Answer again";
      button.ariaLabel = button.ariaLabel.replace(/^Answer/, "Answer again");
    }
  }

  markAnswered();
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-practice]");
    if (button) open(button);
  });
  const place = document.getElementById("practice-review");
  if (place) review(place);
})();
