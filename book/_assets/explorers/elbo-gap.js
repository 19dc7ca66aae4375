// Chapter 4: the ELBO below log p(x), for z ~ N(0, 1) and x ~ N(z, 1/4), where all is exact.

Explorers.define("elbo-gap", "ELBO + gap = log p(x)", (explorer) => {
  const { klNormal, logNormal, normal } = Explorers.numerics;
  const { inWords } = Explorers;
  const NOISE = 0.5; // τ
  const VAR = NOISE ** 2;
  const Z = [-3, 3];
  const POSTERIOR_STD = Math.sqrt(VAR / (1 + VAR));

  explorer.reading({ name: "elbo", label: "ELBO", unit: "", look: "q" });
  explorer.reading({ name: "gap", label: "gap", unit: "", sign: "+", look: "accent" });
  explorer.reading({ name: "evidence", label: "log p(x)", sign: "=", look: "p" });
  const places = { min: -2, max: 2, step: 0.05 };
  explorer.slider({ name: "mean", label: "mean of q, μ", ...places, value: -0.3, look: "q" });
  const std = { min: 0.1, max: 1.5, step: 0.01, value: 0.75, look: "q" };
  explorer.slider({ name: "std", label: "standard deviation of q, σ", ...std });
  explorer.slider({ name: "x", label: "the observed x", ...places, value: 1, look: "p" });
  explorer.buttons(["prior", "q = prior", () => explorer.set({ mean: 0, std: 1 })], [
    "posterior",
    "q = posterior",
    () => explorer.set({ mean: posteriorMean(explorer.values.x), std: POSTERIOR_STD }, { exact: true }),
  ]);
  const densities = explorer.plot({ height: 190, size: "wide", margin: { left: 40 } });
  const bound = explorer.plot({ height: 240, size: "wide", margin: { left: 40 } });

  const posteriorMean = (x) => x / (1 + VAR);
  const reconstruction = (mean, std, x) => logNormal(x, mean, NOISE) - std ** 2 / (2 * VAR);
  const elboOf = (mean, std, x) => reconstruction(mean, std, x) - klNormal(mean, std);

  explorer.start(({ mean, std, x }) => {
    const elbo = elboOf(mean, std, x);
    const gap = klNormal(mean, std, posteriorMean(x), POSTERIOR_STD);
    const evidence = logNormal(x, 0, Math.sqrt(1 + VAR));
    const rate = klNormal(mean, std);
    const posterior = (z) => normal(z, posteriorMean(x), POSTERIOR_STD);
    const q = (z) => normal(z, mean, std);
    const top = 1.25 * posterior(posteriorMean(x));
    const peak = Math.min(q(mean), top / 1.08);

    densities.draw({ x: Z, y: [0, top] }, (plot) => {
      plot.curve((z) => normal(z, 0, 1), "muted dotted");
      plot.words("prior p(z)", [-2.2, normal(-2.2, 0, 1)], "muted", { dx: -8, dy: -12, anchor: "middle" });
      plot.area(posterior, "p faint");
      plot.curve(posterior, "p dashed");
      const far = x >= mean ? posteriorMean(x) + 0.62 : posteriorMean(x) - 0.62;
      plot.words("p(z | x)", [far, posterior(far)], "p formula", {
        dx: x >= mean ? 6 : -6,
        dy: -4,
        anchor: x >= mean ? "start" : "end",
      });
      plot.area(q, "q");
      plot.curve(q, "q");
      plot.xAxis("z", [-3, -2, -1, 0, 1, 2, 3]);
      plot.words("q", [mean, peak], "q symbol", { dy: -12, anchor: "middle" });
      const side = x >= mean ? mean - std : mean + std;
      plot.handle("std", [side, q(side)], "q small", (z) =>
        explorer.set({ std: Math.abs(z - explorer.values.mean) }),
      );
      plot.handle("mean", [mean, peak], "q", (z) => explorer.set({ mean: z }));
    });

    const floor = [-6, -12, -24, -50].find((level) => level < elbo - 0.5) ?? -50;
    bound.draw({ x: Z, y: [floor, 0] }, (plot) => {
      plot.yLines([0, 1, 2, 3].map((i) => (floor / 3) * i));
      plot.xAxis("mean of q", [-3, -2, -1, 0, 1, 2, 3]);
      plot.line([Z[0], evidence], [Z[1], evidence], "p");
      plot.words("log p(x)", [Z[0], evidence], "p formula", { dx: 4, dy: -7 });
      plot.curve((m) => elboOf(m, std, x), "q");
      const wide = { x: plot.X(mean) - 5, width: 10, y: plot.Y(evidence) };
      const height = Math.max(0, plot.Y(elbo) - plot.Y(evidence));
      plot.add("rect", { class: "area accent bar", ...wide, height });
      if (height > 26) {
        const middle = [mean, (evidence + elbo) / 2];
        const left = mean < posteriorMean(x); // away from the curve
        const place = left ? { dx: -11, dy: 4, anchor: "end" } : { dx: 11, dy: 4 };
        plot.words(`gap ${inWords(gap, 2)}`, middle, "accent", place);
      }
      plot.words("ELBO", [mean, elbo], "q", { dx: 10, dy: 18 });
      plot.handle("at", [mean, elbo], "q", (m) => explorer.set({ mean: m }));
    });

    // The numbers on the page add up too: the gap is shown as the difference of what is shown.
    const shownGap = +inWords(evidence).replace("−", "-") - +inWords(elbo).replace("−", "-");
    explorer.show({ elbo, gap: [gap, inWords(shownGap)], evidence });
    Object.assign(explorer.host.dataset, { reconstruction: reconstruction(mean, std, x), rate });
    const parts = `ELBO = reconstruction − KL(q‖p(z)) = ${inWords(elbo + rate)} − ${inWords(rate)} = ${inWords(elbo)} nats.`;
    const rest =
      gap < 5e-4
        ? " q is the posterior: the gap is closed, and the bound is tight."
        : ` The gap, KL(q‖p(z|x)), is ${inWords(shownGap)} nats: together they are log p(x) = ${inWords(evidence)}, wherever q is.`;
    explorer.say(parts + rest);
  });
});
