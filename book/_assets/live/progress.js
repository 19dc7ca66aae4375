// What a reader has answered. It is kept in this browser, and nowhere else.
//
//   kl.progress.read()                what is kept: {kind, schema, exported, tasks: {name: [try, …]}}
//   kl.progress.record(name, try)     adds a try: {at, right, variant, version}, and `confidence` of a
//                                     prediction, `again` of all but the first of an asking
//   kl.progress.note()                a sentence where something is not as it should be, or ""
//
// All else follows from the tries: when a task is asked again, how many were right. So two devices
// are merged by putting their tries together, and a new version of the course loses none.

(() => {
  const KEY = "kl-practice";
  const KIND = "kl-practice";
  const SCHEMA = 1;
  const DAYS = [1, 3, 7, 21]; // until what was missed comes back, the longer the better it is known
  const LARGEST = 5_000_000; // characters of a file
  const MOST = 500; // tries of a task that are kept
  const NAME = /^[a-z0-9.-]{1,20}\/[a-z0-9.-]{1,80}$/i;
  const NOTES = {
    refused: "This browser keeps nothing for this page, so your answers last until you close it.",
    newer:
      "Your answers were kept by a newer version of this page, which is left alone. " +
      "What you answer now lasts until you close the page.",
    aside:
      "What was kept here could not be read. It was put aside, not deleted: " +
      `it is in this browser's storage under a name that begins with ${KEY}-aside.`,
  };
  let memory; // in place of the browser's storage, where that cannot be used
  let note = "";

  // Pure functions

  const empty = () => ({ kind: KIND, schema: SCHEMA, exported: 0, tasks: {} });
  const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
  const isCount = (value) => Number.isInteger(value) && value >= 0;

  function isTry(value) {
    return (
      isObject(value) &&
      isCount(value.at) &&
      value.at < 1e14 &&
      typeof value.right === "boolean" &&
      isCount(value.variant) &&
      isCount(value.version) &&
      (value.confidence === undefined || (value.confidence >= 0 && value.confidence <= 1)) &&
      (value.again === undefined || typeof value.again === "boolean")
    );
  }

  /** What a text keeps; an Error says, in a sentence, why it cannot be used. */
  function parse(text) {
    if (text.length > LARGEST) throw new Error("This is too large to be a file of answers.");
    let data;
    try {
      data = JSON.parse(text);
    } catch {
      throw new Error("This is not a file of answers: it cannot be read as JSON.");
    }
    if (!isObject(data) || data.kind !== KIND) throw new Error("This is not a file of answers.");
    if (isCount(data.schema) && data.schema > SCHEMA) {
      throw Object.assign(new Error("This was made by a newer version."), { isNewer: true });
    }
    if (data.schema !== SCHEMA || !isObject(data.tasks) || !isCount(data.exported)) {
      throw new Error("This file of answers is damaged.");
    }
    for (const [name, tries] of Object.entries(data.tasks)) {
      const isFine = NAME.test(name) && Array.isArray(tries) && tries.every(isTry);
      if (!isFine) throw new Error(`This file of answers is damaged, at “${name.slice(0, 40)}”.`);
    }
    return data;
  }

  /** The tries of both, each once, in the order of time. */
  function merge(mine, theirs) {
    const tasks = { ...mine.tasks };
    for (const [name, tries] of Object.entries(theirs.tasks)) {
      const all = [...(tasks[name] ?? []), ...tries];
      const distinct = new Map(all.map((one) => [`${one.at} ${one.variant} ${one.right}`, one]));
      tasks[name] = [...distinct.values()].sort((a, b) => a.at - b.at).slice(-MOST);
    }
    return { ...mine, tasks };
  }

  /** The start of the day that comes so many days after a time. */
  function dayAfter(at, days) {
    const day = new Date(at);
    day.setHours(0, 0, 0, 0);
    day.setDate(day.getDate() + days);
    return day.getTime();
  }

  const counted = (tries, version) =>
    tries.filter((one) => !one.again && one.version >= version);

  /** When a task is due, as a time; null where it is not to come back, 0 where it has changed. */
  function due(tries, version) {
    const mine = counted(tries, version);
    if (!mine.length) return tries.length ? 0 : null;
    let [step, time] = [-1, null];
    for (const { at, right } of mine) {
      if (right && (time === null || at < time)) continue; // not asked for, so it moves nothing
      step = right ? step + 1 : 0;
      time = step < DAYS.length ? dayAfter(at, DAYS[step]) : null;
    }
    return time;
  }

  /** Which variant is asked next: another than the last time. */
  function nextVariant(tries, count) {
    const last = tries.filter((one) => !one.again).at(-1);
    return last ? (last.variant + 1) % count : 0;
  }

  /** The names of tasks by the time when they are due, the earliest first. */
  function schedule(store, versions) {
    return Object.entries(versions)
      .map(([name, version]) => [name, due(store.tasks[name] ?? [], version)])
      .filter(([, time]) => time !== null)
      .sort((a, b) => a[1] - b[1]);
  }

  /** How many of some tasks were answered, and how many of them right the last time. */
  function tally(store, versions) {
    const last = Object.entries(versions)
      .map(([name, version]) => counted(store.tasks[name] ?? [], version).at(-1))
      .filter(Boolean);
    return { answered: last.length, right: last.filter((one) => one.right).length };
  }

  /** Of the predictions at each confidence, how many there are and how many were right. */
  function calibration(store) {
    const found = new Map();
    for (const tries of Object.values(store.tasks)) {
      const seen = new Set();
      for (const { confidence, right, variant, again } of tries) {
        if (confidence === undefined || again || seen.has(variant)) continue;
        seen.add(variant); // a second time the answer is known
        const group = found.get(confidence) ?? { asked: 0, right: 0 };
        found.set(confidence, { asked: group.asked + 1, right: group.right + right });
      }
    }
    return [...found].sort((a, b) => a[0] - b[0]);
  }

  const countSince = (store, time) =>
    Object.values(store.tasks)
      .flat()
      .filter((one) => one.at > time).length;

  // Reading and writing

  function read() {
    if (memory) return memory;
    let text;
    try {
      text = localStorage.getItem(KEY);
      return text === null ? empty() : parse(text);
    } catch (error) {
      if (text === undefined || error.isNewer || !putAside(text)) {
        memory = empty();
        note = error.isNewer ? NOTES.newer : NOTES.refused;
        return memory;
      }
      note = NOTES.aside;
      return empty();
    }
  }

  function putAside(text) {
    try {
      localStorage.setItem(`${KEY}-aside-${Date.now()}`, text);
      localStorage.removeItem(KEY);
      return true;
    } catch {
      return false;
    }
  }

  /** Change what is kept, as it is now: another tab may have added to it. */
  function change(how) {
    const store = how(read());
    if (memory) {
      memory = store;
      return;
    }
    try {
      localStorage.setItem(KEY, JSON.stringify(store));
    } catch {
      memory = store;
      note = NOTES.refused;
    }
  }

  function record(name, tried) {
    change((store) => merge(store, { tasks: { [name]: [tried] } }));
  }

  window.kl.progress = {
    ...{ read, record, change, parse, merge, empty, note: () => note },
    ...{ dayAfter, due, nextVariant, schedule, tally, calibration, countSince },
    ...{ LARGEST },
  };
})();
