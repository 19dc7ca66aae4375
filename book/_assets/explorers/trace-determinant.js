// Chapter 2: a determinant where a trace belongs, as the two variances move (n = 2, μ = 0).

Explorers.define("trace-determinant", "A slip and its hiding places", (explorer) => {
  const { element, inWords, withIndices } = Explorers;
  const MOST = 4;
  const logs = (a, b) => Math.log(a * b);
  const CLAIMS = {
    step: {
      lines: ["(2.9a)", "(2.9b)"],
      formulas: ["E_q[zᵀz] = tr Σ", "det Σ"],
      truth: (a, b) => a + b,
      slip: (a, b) => a * b,
      // Right on the curve (σ₁² − 1)(σ₂² − 1) = 1, too large above it.
      tooLarge: [curveFrom(4 / 3, [[MOST, MOST], [4 / 3, MOST]])],
      right: [curveFrom(4 / 3, [])],
      labels: [[3.1, 3.1, "too large"], [0.6, 0.4, "too small"]],
    },
    result: {
      lines: ["(2.40a)", "(2.40b)"],
      formulas: ["KL(q‖p)", "the homework’s result"],
      truth: (a, b) => (a + b - 2 - logs(a, b)) / 2,
      slip: (a, b) => (a * b - 1 - logs(a, b)) / 2,
      tooLarge: [
        [[1, 1], [MOST, 1], [MOST, MOST], [1, MOST]],
        [[0, 0], [1, 0], [1, 1], [0, 1]],
      ],
      right: [[[1, 0], [1, MOST]], [[0, 1], [MOST, 1]]],
      labels: [[2.6, 2.6, "too large"], [2.6, 0.5, "too small"], [0.5, 2.6, "too small"], [0.5, 0.5, "too large"]],
    },
  };

  /** Points of b = a/(a − 1) from a start to the edge, and some more. */
  function curveFrom(start, more) {
    const points = Array.from({ length: 60 }, (_, i) => {
      const a = start + ((MOST - start) * i) / 59;
      return [a, a / (a - 1)];
    });
    return [...points, ...more];
  }

  /** A number as the checker writes it: 2, 3/2, 0.306853. */
  function asChecker(number) {
    if (Math.abs(number) < 1e-12) return "0";
    for (let below = 1; below <= 8; below++) {
      const above = Math.round(number * below);
      if (Math.abs(number - above / below) < 1e-12 * Math.max(1, Math.abs(number))) {
        return (below === 1 ? `${above}` : `${above}/${below}`).replace("-", "−");
      }
    }
    return String(+number.toPrecision(6)).replace("-", "−");
  }

  explorer.reading({ name: "truth", label: "right value", unit: "" });
  explorer.reading({ name: "slip", label: "homework", unit: "" });
  explorer.reading({ name: "verdict", label: "verdict", unit: "" });
  explorer.choice({
    name: "claim",
    legend: "Which line is checked?",
    options: [["step", "the step (2.9b)"], ["result", "the result (2.40b)"]],
  });
  const range = { min: 0.05, max: MOST, step: 0.05 };
  explorer.slider({ name: "a", label: "first variance, σ_1²", ...range, value: 1 });
  explorer.slider({ name: "b", label: "second variance, σ_2²", ...range, value: 1 });
  const plane = explorer.plot({ square: true, plane: true, margin: { left: 34 } });
  plane.anywhere = true;
  const report = element("div", { class: "explorer-report" });
  explorer.stage.append(report);

  explorer.start(({ claim, a, b }) => {
    const { lines, formulas, truth, slip, tooLarge, right, labels } = CLAIMS[claim];
    const [above, here] = [truth(a, b), slip(a, b)];
    const holds = Math.abs(above - here) <= 1e-9 * Math.max(1, Math.abs(above), Math.abs(here));
    const look = holds ? "right" : "wrong";

    plane.draw({ x: [0, MOST], y: [0, MOST] }, (plot) => {
      plot.area([[0, MOST], [MOST, MOST]], "accent faint");
      for (const region of tooLarge) {
        const d = `${plot.path(region)}Z`;
        plot.add("path", { class: "area paper", d });
        plot.add("path", { class: "area second", d });
      }
      for (const points of right) plot.curve(points, "right thick");
      plot.xAxis("σ₁²", [0, 1, 2, 3, 4]);
      plot.yLines([1, 2, 3, 4]);
      plot.words("σ₂²", [0, MOST], "formula", { dx: 6, dy: 14 });
      for (const [x, y, words] of labels) plot.words(words, [x, y], "muted", { anchor: "middle" });
      plot.handle("variances", [a, b], look, (x, y) => explorer.set({ a: x, b: y }));
    });

    const sigma = a === 1 && b === 1 ? "I" : `diag(${asChecker(a)}, ${asChecker(b)})`;
    const where = `At n = 2, μ = (0, 0), Σ = ${sigma}:`;
    const verdict = holds
      ? `${where} lines ${lines[0]} and ${lines[1]} are both ${asChecker(above)}.`
      : `${where} line ${lines[0]} is ${asChecker(above)}, this line is ${asChecker(here)}.`;
    const mark = holds ? "✓" : "✗";
    report.replaceChildren(
      element("p", {}, element("span", { class: "explorer-tag" }, `${lines[0]} `), ...withIndices(formulas[0])),
      element(
        "p",
        { class: look },
        element("span", { class: "explorer-tag" }, lines[1]),
        element("span", { class: "explorer-mark" }, ` ${mark} `),
        `= ${formulas[1]}`,
      ),
      element("p", { class: "explorer-verdict" }, verdict),
      element(
        "p",
        { class: "explorer-aside" },
        holds
          ? "Right here, by luck. A test at this Σ lets the slip pass."
          : "One number is enough: the line is refuted.",
      ),
    );
    explorer.show({
      truth: [above, asChecker(above)],
      slip: [here, asChecker(here)],
      verdict: [Number(holds), `${mark} ${holds ? "holds here" : "broken"}`],
    });
    const output = explorer.host.querySelector('[data-reading="verdict"]');
    output.className = look;
    const size = here > above ? "too large" : "too small";
    explorer.say(
      `${verdict} ${holds ? "The slip does not show here." : `It is ${size} by ${inWords(Math.abs(here - above))}.`} ` +
        (claim === "step"
          ? "The step is right only on the green curve, where (σ₁² − 1)(σ₂² − 1) = 1."
          : "The result is right wherever one of the variances is 1, on the green cross."),
    );
  });
});
