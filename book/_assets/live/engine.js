// The checker in the page: Python, NumPy and the code of kl_utils, in a worker of their own.
//
//   kl.live.check(job, onProgress)  the promise of a result; answer.py says what both hold
//   kl.live.stop()                  ends the worker; the next check starts a new one
//   kl.live.isReady                 is Python there already?
//
// Nothing is loaded before the first check. `onProgress(sentence, share)` is told what goes on, with
// a share from 0 to 1 of what there is to load. Where no result can be had, the promise is rejected
// with an Error whose message is a sentence for the reader.

(() => {
  const BASE = document.currentScript.src;
  const FROM_DISK =
    "This page was opened from a folder, and cannot start Python there. Serve the folder instead: " +
    "`make serve` in the folder of the course, or `python -m http.server` beside these pages.";
  const STOPPED = "Stopped. The next check starts Python anew.";
  const NOT_STARTED = "Python could not be started: a file is missing, or this browser is too old.";

  const isFromDisk = location.protocol === "file:";
  let worker;
  let asked; // what the worker is to answer: resolve, reject, onProgress, timer
  let stops = 0;
  let last = Promise.resolve();

  const live = {
    seconds: 30, // for one check, once Python is there: slow phones need it
    isReady: false, // is Python there?

    /** Do a job: check a derivation, say; jobs that are asked for at once are answered one after the other. */
    check(job, onProgress = () => {}) {
      const before = stops;
      const answer = last.then(() => {
        if (stops > before) throw new Error(STOPPED);
        return ask(job, onProgress);
      });
      last = answer.catch(() => {});
      return answer;
    },

    /** End whatever runs or waits. */
    stop() {
      stops += 1;
      end(STOPPED);
    },
  };

  function ask(job, onProgress) {
    return new Promise((resolve, reject) => {
      const mine = (asked = { resolve, reject, onProgress });
      const failed = () => asked === mine && end(isFromDisk ? FROM_DISK : NOT_STARTED);
      started(onProgress)
        .then(() => asked === mine && worker.postMessage({ job }))
        .catch(failed);
    });
  }

  /** Start a worker unless there is one. */
  async function started(onProgress) {
    if (worker) return;
    const before = stops;
    const files = isFromDisk ? await filesFromDisk(onProgress) : undefined;
    if (stops > before) return;
    // A file may not start a worker from another file, but from an address that holds the script.
    const script = files ? `data:text/javascript;base64,${files["worker.mjs"]}` : "worker.mjs";
    const mine = new Worker(new URL(script, BASE), { type: "module" });
    mine.onmessage = ({ data }) => mine === worker && receive(data);
    mine.onerror = () => mine === worker && end(isFromDisk ? FROM_DISK : NOT_STARTED);
    worker = mine;
    if (files) worker.postMessage({ files });
  }

  /** The files as base64 texts, from a script that the book's build makes for readers offline. */
  async function filesFromDisk(onProgress) {
    onProgress("Reading Python from disk …", 0);
    if (!kl.fromDisk) {
      await new Promise((resolve, reject) => {
        const script = document.createElement("script");
        Object.assign(script, { src: new URL("from-disk.js", BASE), onload: resolve });
        script.onerror = reject;
        document.head.append(script);
      });
    }
    return kl.fromDisk;
  }

  function receive({ progress, share, begins, result, failure }) {
    if (progress) asked?.onProgress(progress, share);
    if (begins) live.isReady = true;
    if (begins && asked) asked.timer = setTimeout(end, live.seconds * 1000, outOfTime());
    // Some browsers start the worker of a page from disk, and refuse what it loads.
    if (failure) end(isFromDisk && !live.isReady ? FROM_DISK : failure);
    if (result) settle(({ resolve }) => resolve(result));
  }

  function outOfTime() {
    return (
      `Stopped after ${live.seconds} seconds without a verdict. ` +
      "Split the line that you changed last into easier steps, or try fewer dimensions."
    );
  }

  /** End the worker: Python itself cannot be interrupted. */
  function end(sentence) {
    worker?.terminate();
    worker = undefined;
    live.isReady = false;
    settle(({ reject }) => reject(new Error(sentence)));
  }

  function settle(how) {
    if (!asked) return;
    clearTimeout(asked.timer);
    const settled = asked;
    asked = undefined;
    how(settled);
  }

  (window.kl ??= {}).live = live;
})();
