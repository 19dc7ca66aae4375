// What the explorers are built from: a frame with sliders, choices and buttons, figures, numbers
// to read, and a sentence that says the same in words.
//
// An explorer is a function that adds controls and figures to its frame and then hands
// `start` what to do with the values of the controls, now and whenever one of them changes.

(() => {
  const PAUSE = 350; // ms without a change after which the sentence is read out
  let count = 0;

  function element(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === true) node.setAttribute(name, "");
      else if (value !== undefined && value !== false) node.setAttribute(name, value);
    }
    node.append(...children);
    return node;
  }

  /** "μ_q" as nodes, with the q below the line. */
  function withIndices(text) {
    return text.split(/_(\w)/).map((part, i) => (i % 2 ? element("sub", {}, part) : part));
  }

  /** A number for reading: a true minus sign, no minus zero, ∞. */
  function inWords(number, digits = 3) {
    if (!Number.isFinite(number)) return number > 0 ? "∞" : number < 0 ? "−∞" : "undefined";
    const rounded = number.toFixed(digits);
    return Number(rounded) === 0 ? rounded.replace("-", "") : rounded.replace("-", "−");
  }

  class Explorer {
    constructor(host, title) {
      const id = `explorer-${++count}`;
      Object.assign(this, { host, id, values: {}, controls: {}, plots: [] });
      this.compact = host.hasAttribute("data-compact");
      this.titleNode = element("p", { class: "explorer-title", id: `${id}-title` }, title);
      this.describedBy = `${id}-title ${id}-words`;
      this.head = element("div", { class: "explorer-head" }, this.titleNode);
      this.readings = element("div", { class: "explorer-readings" });
      this.stage = element("div", { class: "explorer-stage" });
      this.panel = element("div", { class: "explorer-panel" });
      this.wordsNode = element("p", { class: "explorer-words", id: `${id}-words`, role: "status" });
      const reset = element("button", { type: "button", class: "explorer-reset" }, "Reset");
      reset.addEventListener("click", () => this.reset());
      this.head.append(reset);
      host.replaceChildren(this.head, this.readings, this.stage, this.panel, this.wordsNode);
      host.setAttribute("role", "group");
      host.setAttribute("aria-labelledby", `${id}-title`);
    }

    /** A slider; its label may have indices, as in μ_q. */
    slider({ name, label, min, max, step, value, digits = 2, look = "" }) {
      const id = `${this.id}-${name}`;
      const range = { type: "range", id, min, max, step, value, "data-name": name };
      const input = element("input", range);
      const shown = element("output", { for: id, "aria-live": "off" });
      const labelled = element("label", { for: id }, ...withIndices(label));
      const row = element("div", { class: `explorer-slider ${look}` }, labelled, shown, input);
      this.panel.append(row);
      const limit = (other) => {
        ({ min, max, step } = other);
        Object.assign(input, other);
      };
      const show = (number) => {
        input.value = number;
        shown.textContent = inWords(number, digits);
        input.setAttribute("aria-valuetext", inWords(number, digits));
        const share = (number - min) / (max - min);
        input.style.setProperty("--share", Math.min(1, Math.max(0, share)));
      };
      input.addEventListener("input", () => this.set({ [name]: input.valueAsNumber }));
      const fit = (number) => {
        const snapped = min + Math.round((number - min) / step) * step;
        return +Math.min(max, Math.max(min, snapped)).toFixed(10);
      };
      this.controls[name] = { show, fit, limit, first: value };
      this.values[name] = value;
      show(value);
      return row;
    }

    /** A choice among a few: radio buttons that look like one row of buttons. */
    choice({ name, legend, options, value = options[0][0] }) {
      const inputs = options.map(([option, words]) => {
        const attributes = { type: "radio", name: `${this.id}-${name}`, value: option };
        const input = element("input", { ...attributes, "data-name": name });
        input.addEventListener("change", () => this.set({ [name]: option }));
        return [input, element("label", {}, input, element("span", {}, words))];
      });
      const legendNode = element("legend", {}, legend);
      const row = element("div", { class: "explorer-options" }, ...inputs.map(([, l]) => l));
      this.panel.append(element("fieldset", { class: "explorer-choice" }, legendNode, row));
      const show = (chosen) => inputs.forEach(([input]) => (input.checked = input.value === chosen));
      this.controls[name] = { show, fit: (option) => option, first: value };
      this.values[name] = value;
      show(value);
    }

    /** Buttons in one row: names for the tests, words, and what to do. */
    buttons(...buttons) {
      const row = element("div", { class: "explorer-buttons" });
      for (const [name, words, press, look = ""] of buttons) {
        const button = element("button", { type: "button", "data-name": name, class: look }, words);
        button.addEventListener("click", press);
        row.append(button);
      }
      this.panel.append(row);
    }

    /** A figure in the stage. */
    plot(options) {
      const plot = new Explorers.Plot(this, options);
      this.stage.append(plot.box);
      return plot;
    }

    /** A number to read, with its name and unit; `show` fills it in. */
    reading({ name, label, unit = "nats", look = "", sign = "" }) {
      const value = element("output", { "data-reading": name, "aria-live": "off" });
      const number = element("span", { class: "explorer-number" }, value, ` ${unit}`);
      const named = element("span", { class: "explorer-label" }, ...withIndices(label));
      const parts = sign ? [element("span", { class: "explorer-sign" }, sign)] : [];
      const item = element("div", { class: "explorer-item" }, named, number);
      this.readings.append(...parts, element("div", { class: `explorer-reading ${look}` }, item));
    }

    /** Fill in readings: each a number, or [number, words]. */
    show(readings) {
      for (const [name, reading] of Object.entries(readings)) {
        const [number, words] = Array.isArray(reading) ? reading : [reading, inWords(reading)];
        const node = this.host.querySelector(`[data-reading="${name}"]`);
        node.dataset.value = number;
        node.textContent = words;
      }
    }

    /** Say in a sentence what there is to see; it is read out after a pause. */
    say(sentence) {
      clearTimeout(this.saying);
      if (!this.wordsNode.textContent) this.wordsNode.textContent = sentence;
      else this.saying = setTimeout(() => (this.wordsNode.textContent = sentence), PAUSE);
    }

    /** Set some values; those of a slider go to its nearest step unless they are to be exact. */
    set(values, { exact = false } = {}) {
      for (const [name, value] of Object.entries(values)) {
        const { show, fit } = this.controls[name];
        this.values[name] = exact ? value : fit(value);
        show(this.values[name]);
      }
      this.refresh();
    }

    /** Give a slider another range; return its value, which moves into it. */
    limit(name, range) {
      const { limit, fit, show } = this.controls[name];
      limit(range);
      this.values[name] = fit(this.values[name]);
      show(this.values[name]);
      return this.values[name];
    }

    reset() {
      this.host.dispatchEvent(new Event("reset"));
      const first = Object.entries(this.controls).map(([name, control]) => [name, control.first]);
      this.set(Object.fromEntries(first));
    }

    refresh() {
      this.render?.(this.values);
    }

    start(render) {
      this.render = render;
      if (!this.readings.childElementCount) this.readings.remove();
      let width = 0;
      new ResizeObserver(() => {
        const now = this.stage.clientWidth;
        if (now === width) return;
        width = now;
        this.refresh();
      }).observe(this.stage);
      this.refresh();
      this.host.dataset.ready = "";
    }
  }

  /** Build an explorer in every place of the page that asks for it by name. */
  function define(name, title, build) {
    for (const host of document.querySelectorAll(`[data-explorer="${name}"]`)) {
      build(new Explorer(host, title));
    }
  }

  Object.assign(Explorers, { define, element, inWords, withIndices });
})();
