// Chapter 1: one Gaussian fitted to a target with two bumps, in either direction.

Explorers.define("two-bumps", "One Gaussian for two bumps", (explorer) => {
  const { descend, klFromMixture, klToMixture, logNormal, mixture, normal } = Explorers.numerics;
  const { inWords } = Explorers;
  const Z = [-6, 6];
  const BUMP = 0.6;

  explorer.reading({ name: "kl_qp", label: "KL(q‖p)", look: "q" });
  explorer.reading({ name: "kl_pq", label: "KL(p‖q)", look: "p" });
  const std = "standard deviation of q, σ_q";
  const places = { min: -4, max: 4, step: 0.05, look: "q" };
  explorer.slider({ name: "mean", label: "mean of q, μ_q", ...places, value: 1 });
  explorer.slider({ name: "std", label: std, min: 0.2, max: 4, step: 0.05, value: 0.8, look: "q" });
  const apart = { min: 0, max: 3, step: 0.1, value: 2, digits: 1, look: "p" };
  explorer.slider({ name: "apart", label: "bumps of p at plus and minus", ...apart });
  const weight = { min: 0.05, max: 0.95, step: 0.05, value: 0.5, look: "p" };
  explorer.slider({ name: "weight", label: "weight of the right bump", ...weight });
  explorer.buttons(
    ["fit-qp", "Lower KL(q‖p) from here", () => fit("q"), "q"],
    ["fit-pq", "Lower KL(p‖q) from here", () => fit("p"), "p"],
  );
  const densities = explorer.plot({ height: 230, size: "wide" });
  const forth = explorer.plot({ height: 140, size: "half" });
  const back = explorer.plot({ height: 140, size: "half" });

  const target = ({ apart, weight }) => mixture([1 - weight, weight], [-apart, apart], BUMP);

  /** Move q along a path of [mean, std], at once where the reader wants no motion. */
  function follow(path) {
    cancelAnimationFrame(explorer.frame);
    const to = ([mean, std]) => explorer.set({ mean, std }, { exact: true });
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (still || path.length < 2) return to(path.at(-1));
    explorer.host.dataset.moving = "";
    const began = performance.now();
    const step = (now) => {
      const share = Math.min(1, Math.max(0, now - began) / 900);
      const place = (1 - (1 - share) ** 2) * (path.length - 1);
      const [i, part] = [Math.floor(place), place % 1];
      const [from, next] = [path[i], path[Math.min(i + 1, path.length - 1)]];
      to(from.map((value, k) => value + part * (next[k] - value)));
      if (share < 1) explorer.frame = requestAnimationFrame(step);
      else delete explorer.host.dataset.moving;
    };
    explorer.frame = requestAnimationFrame(step);
  }

  function fit(direction) {
    const { mean, std } = explorer.values;
    const p = target(explorer.values);
    // The smallest KL(p‖q) has the mean and the variance of p, (1.15).
    follow(direction === "q" ? descend(mean, std, p) : [[mean, std], [p.mean, p.std]]);
  }

  explorer.start(({ mean, std, apart, weight }) => {
    const p = target({ apart, weight });
    const q = (z) => normal(z, mean, std);
    const logQ = (z) => logNormal(z, mean, std);
    const densityP = (z) => Math.exp(p.log(z));
    const heightP = Math.max(densityP(-apart), densityP(0), densityP(apart));
    const peak = q(mean);

    densities.draw({ x: Z, y: [0, 1.15 * Math.max(heightP, Math.min(peak, 2 * heightP))] }, (plot) => {
      plot.area(densityP, "p");
      plot.curve(densityP, "p");
      plot.area(q, "q");
      plot.curve(q, "q");
      plot.xAxis("z");
      const side = weight < 0.5 ? -apart : apart;
      plot.words("p", [side, densityP(side)], "p symbol", { dx: side < 0 ? -22 : 14, dy: 4 });
      const top = Math.min(peak, plot.y[1] / 1.08);
      plot.words("q", [mean, top], "q symbol", { dy: -12, anchor: "middle" });
      const right = mean + std;
      plot.handle("std", [right, Math.min(q(right), plot.y[1])], "q small", (z) =>
        explorer.set({ std: Math.abs(z - explorer.values.mean) }),
      );
      plot.handle("mean", [mean, top], "q", (z) => explorer.set({ mean: z }));
    });

    const costs = [
      [forth, "q", "q log(q/p)", (z) => q(z) * (logQ(z) - p.log(z))],
      [back, "p", "p log(p/q)", (z) => densityP(z) * (p.log(z) - logQ(z))],
    ];
    for (const [figure, look, name, f] of costs) {
      const heights = Array.from({ length: 241 }, (_, i) => f(Z[0] + i * 0.05));
      const high = Math.max(0.3, ...heights);
      const low = Math.min(-0.12 * high, 1.1 * Math.min(...heights));
      figure.draw({ x: Z, y: [low, 1.3 * high] }, (plot) => {
        plot.area((z) => Math.max(f(z), 0), look);
        plot.area((z) => Math.min(f(z), 0), "minus");
        plot.curve(f, `${look} thin`);
        plot.line([Z[0], 0], [Z[1], 0], "rule");
        plot.xAxis("z");
        plot.words(name, [Z[0], plot.y[1]], `${look} formula`, { dy: 4 });
      });
    }

    const [klQP, klPQ] = [klToMixture(mean, std, p), klFromMixture(mean, std, p)];
    Object.assign(explorer.host.dataset, { mean, std });
    explorer.show({ kl_qp: klQP, kl_pq: klPQ });
    const covers = Math.abs(mean - p.mean) < 5e-3 && Math.abs(std - p.std) < 5e-3;
    const place = `q has mean ${inWords(mean, 2)} and standard deviation ${inWords(std, 2)}.`;
    const costsNow = `KL(q‖p) is ${inWords(klQP)} and KL(p‖q) ${inWords(klPQ)} nats.`;
    const what = covers
      ? "These are the mean and the standard deviation of p, so KL(p‖q) is as small as it can be."
      : "";
    explorer.say([place, costsNow, what].filter(Boolean).join(" "));
  });
});
