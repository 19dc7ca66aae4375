// A small drawing board: one SVG in the size of its box, with axes, curves, areas, and handles
// that can be dragged. Colours come from the style sheet, so dark mode needs no drawing.

(() => {
  const NAMESPACE = "http://www.w3.org/2000/svg";
  const REACH = 28; // px around a handle in which it can be taken, wide enough for a finger
  let count = 0;

  function shape(tag, attributes = {}, text) {
    const node = document.createElementNS(NAMESPACE, tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    if (text !== undefined) node.textContent = text;
    return node;
  }

  /** About `wanted` round numbers between two others. */
  function roundNumbers(from, to, wanted) {
    const rough = (to - from) / wanted;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough * 0.999);
    const first = Math.ceil(from / step - 1e-9);
    const last = Math.floor(to / step + 1e-9);
    return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
  }

  const short = (number) => String(+number.toPrecision(6)).replace("-", "−");

  class Plot {
    constructor(explorer, { height, size = "", square = false, plane = false, margin = {} }) {
      Object.assign(this, { explorer, height, square, handles: [], held: null });
      this.margin = { left: 12, right: 12, top: 14, bottom: 26, ...margin };
      this.box = document.createElement("div");
      this.box.className = `explorer-plot ${size}`;
      // The sentence below the figure says what there is to see.
      this.svg = shape("svg", { role: "img", "aria-labelledby": explorer.describedBy });
      this.svg.classList.toggle("plane", plane);
      this.box.append(this.svg);
      this.id = `explorer-clip-${++count}`;
      this._listen();
    }

    /** Draw anew on the given ranges: `paint` gets this plot. */
    draw({ x, y, logarithmic = false }, paint) {
      const width = Math.max(this.box.clientWidth, 120);
      const { left, right, top, bottom } = this.margin;
      const height = this.square ? width - left - right + top + bottom : this.height;
      Object.assign(this, { width, drawn: height, x, y, logarithmic, handles: [] });
      this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      this.svg.setAttribute("height", height);
      const clip = shape("clipPath", { id: this.id });
      const inside = { x: left, y: top - 8, width: width - left - right };
      clip.append(shape("rect", { ...inside, height: height - top - bottom + 8 }));
      this.svg.replaceChildren(clip);
      paint(this);
    }

    X(x) {
      const { left, right } = this.margin;
      return left + ((x - this.x[0]) / (this.x[1] - this.x[0])) * (this.width - left - right);
    }

    Y(y) {
      const { top, bottom } = this.margin;
      const scale = this.logarithmic ? Math.log : (value) => value;
      const share = (scale(y) - scale(this.y[0])) / (scale(this.y[1]) - scale(this.y[0]));
      return this.drawn - bottom - share * (this.drawn - top - bottom);
    }

    /** The inverse of X and Y, for a pointer. */
    at(px, py) {
      const { left, right, top, bottom } = this.margin;
      const across = (px - left) / (this.width - left - right);
      const up = (this.drawn - bottom - py) / (this.drawn - top - bottom);
      return [
        this.x[0] + across * (this.x[1] - this.x[0]),
        this.y[0] + up * (this.y[1] - this.y[0]),
      ];
    }

    add(tag, attributes, text) {
      const node = shape(tag, attributes, text);
      this.svg.append(node);
      return node;
    }

    /** The horizontal axis, at the bottom, with numbers and a name. */
    xAxis(name, ticks = roundNumbers(...this.x, this.width / 60)) {
      const base = this.drawn - this.margin.bottom;
      const [from, to] = [this.margin.left, this.width - this.margin.right];
      this.add("line", { class: "axis", x1: from, x2: to, y1: base, y2: base });
      const isShort = name.length < 4; // stands among the numbers; a longer one above them
      for (const tick of ticks) {
        const x = this.X(tick);
        this.add("line", { class: "axis", x1: x, x2: x, y1: base, y2: base + 4 });
        if (isShort && x > to - 20) continue;
        this.add("text", { class: "tick", x, y: base + 17, "text-anchor": "middle" }, short(tick));
      }
      const look = isShort ? "axis-name" : "axis-name upright";
      const y = isShort ? base + 18 : base - 7;
      this.add("text", { class: look, x: to, y, "text-anchor": "end" }, name);
    }

    /** Faint lines across, with their values at the left edge. */
    yLines(ticks = roundNumbers(...this.y, this.drawn / 60), words = short) {
      for (const tick of ticks) {
        const y = this.Y(tick);
        const [x1, x2] = [this.margin.left, this.width - this.margin.right];
        this.add("line", { class: "grid", x1, x2, y1: y, y2: y });
        const place = { x: x1 - 6, y: y + 4, "text-anchor": "end" };
        this.add("text", { class: "tick", ...place }, words(tick));
      }
    }

    /** Points of a function over the visible range, or of a list of pairs, as a path. */
    path(f) {
      const points =
        typeof f === "function"
          ? Array.from({ length: 401 }, (_, i) => {
              const x = this.x[0] + ((this.x[1] - this.x[0]) * i) / 400;
              return [x, f(x)];
            })
          : f;
      const low = -20 * this.drawn;
      const place = (y) => Math.min(Math.max(this.Y(y), low), -low).toFixed(2);
      return points.map(([x, y], i) => `${i ? "L" : "M"}${this.X(x).toFixed(2)} ${place(y)}`).join("");
    }

    curve(f, look) {
      return this.add("path", { class: `curve ${look}`, d: this.path(f), ...this._clipped() });
    }

    /** The area between a function and a level. */
    area(f, look, level = 0) {
      const [from, to] = typeof f === "function" ? this.x : [f[0][0], f.at(-1)[0]];
      const base = this.Y(level).toFixed(2);
      const d = `${this.path(f)}L${this.X(to)} ${base}L${this.X(from)} ${base}Z`;
      return this.add("path", { class: `area ${look}`, d, ...this._clipped() });
    }

    line([x1, y1], [x2, y2], look) {
      const ends = { x1: this.X(x1), y1: this.Y(y1), x2: this.X(x2), y2: this.Y(y2) };
      return this.add("line", { class: `curve ${look}`, ...ends });
    }

    dot([x, y], look, r = 5) {
      return this.add("circle", { class: `dot ${look}`, cx: this.X(x), cy: this.Y(y), r });
    }

    /** Words at a place; they turn to the left rather than leave the figure. */
    words(text, [x, y], look = "", { dx = 0, dy = 0, anchor = "start" } = {}) {
      const place = { x: this.X(x) + dx, y: this.Y(y) + dy, "text-anchor": anchor };
      const node = this.add("text", { class: `words ${look}`, ...place }, text);
      const { x: left, width } = node.getBBox();
      if (left + width > this.width - 2) node.setAttribute("x", place.x - (left + width - this.width + 2));
      if (left < 2) node.setAttribute("x", place.x + (2 - left));
      return node;
    }

    /** A point to take hold of; `move` gets the place that it is dragged to. */
    handle(name, [x, y], look, move) {
      const [cx, cy] = [this.X(x), this.Y(y)];
      this.handles.push({ name, cx, cy, move });
      const held = this.held === name ? " held" : "";
      this.add("circle", { class: `handle ${look}${held}`, cx, cy, r: 8 });
    }

    _clipped() {
      return { "clip-path": `url(#${this.id})` };
    }

    _listen() {
      const place = (event) => {
        const { left, top, width } = this.svg.getBoundingClientRect();
        const scale = this.width / width;
        return [(event.clientX - left) * scale, (event.clientY - top) * scale];
      };
      const nearest = ([px, py]) => {
        const far = ({ cx, cy }) => Math.hypot(cx - px, cy - py);
        const [first] = [...this.handles].sort((a, b) => far(a) - far(b));
        return first && (far(first) < REACH || this.anywhere) ? first : null;
      };
      const drag = (event) => {
        const handle = this.handles.find(({ name }) => name === this.held);
        handle?.move(...this.at(...place(event)));
      };
      this.svg.addEventListener("pointerdown", (event) => {
        const handle = nearest(place(event));
        if (!handle || event.button) return;
        this.held = handle.name;
        this.svg.setPointerCapture(event.pointerId);
        event.preventDefault();
        drag(event);
      });
      this.svg.addEventListener("pointermove", (event) => {
        if (this.held) drag(event);
        else this.svg.classList.toggle("near", Boolean(nearest(place(event))));
      });
      for (const end of ["pointerup", "pointercancel"]) {
        this.svg.addEventListener(end, () => {
          if (!this.held) return;
          this.held = null;
          this.explorer.refresh();
        });
      }
    }
  }

  Object.assign(Explorers, { Plot, shape });
})();
