// Chapter 1: two Gaussians, the divergences in both directions, and their integrands.

Explorers.define("two-gaussians", "Two Gaussians, two divergences", (explorer) => {
  const { integrandParts, klNormal, logNormal, normal } = Explorers.numerics;
  const { inWords } = Explorers;
  const Z = [-7, 7];

  // On the first page: only q moves, and fewer words.
  const { compact } = explorer;
  if (compact) explorer.titleNode.textContent = "How far is q from p, and p from q?";
  const mean = { min: -3, max: 3, step: 0.05 };
  const std = { min: 0.2, max: 2, step: 0.05 };
  explorer.reading({ name: "kl_qp", label: "KL(q‖p)", look: "q" });
  explorer.reading({ name: "kl_pq", label: "KL(p‖q)", look: "p" });
  explorer.slider({ name: "mean_q", label: "mean of q, μ_q", ...mean, value: 1, look: "q" });
  explorer.slider({ name: "std_q", label: "standard deviation of q, σ_q", ...std, value: 0.6, look: "q" });
  if (!compact) {
    explorer.slider({ name: "mean_p", label: "mean of p, μ_p", ...mean, value: -0.5, look: "p" });
    explorer.slider({ name: "std_p", label: "standard deviation of p, σ_p", ...std, value: 1.2, look: "p" });
  }
  const densities = explorer.plot({ height: compact ? 180 : 210, size: "wide" });
  const forth = explorer.plot({ height: compact ? 130 : 160, size: "half" });
  const back = explorer.plot({ height: compact ? 130 : 160, size: "half" });

  function drawDensity(plot, name, mean, std) {
    plot.area((z) => normal(z, mean, std), name);
    plot.curve((z) => normal(z, mean, std), name);
  }

  function addHandles(plot, name, mean, std) {
    const peak = normal(mean, mean, std);
    const side = name === "q" ? 1 : -1; // so that the two widths do not lie on each other
    plot.words(name, [mean, peak], `${name} symbol`, { dy: -12, anchor: "middle" });
    if (explorer.controls[`mean_${name}`]) {
      const atStd = [mean + side * std, normal(mean + std, mean, std)];
      plot.handle(`std_${name}`, atStd, `${name} small`, (z) =>
        explorer.set({ [`std_${name}`]: Math.abs(z - mean) }),
      );
      plot.handle(`mean_${name}`, [mean, peak], name, (z) => explorer.set({ [`mean_${name}`]: z }));
    }
  }

  function drawIntegrand(plot, look, title, f, y) {
    plot.draw({ x: Z, y }, () => {
      plot.area((z) => Math.max(f(z), 0), look);
      plot.area((z) => Math.min(f(z), 0), "minus");
      plot.curve(f, `${look} thin`);
      plot.line([Z[0], 0], [Z[1], 0], "rule");
      plot.xAxis("z");
      plot.words(title, [Z[0], y[1]], `${look} formula`, { dy: 4 });
    });
  }

  explorer.start(({ mean_q, std_q, mean_p = 0, std_p = 1 }) => {
    const klQP = klNormal(mean_q, std_q, mean_p, std_p);
    const klPQ = klNormal(mean_p, std_p, mean_q, std_q);
    const logQ = (z) => logNormal(z, mean_q, std_q);
    const logP = (z) => logNormal(z, mean_p, std_p);
    const top = Math.max(normal(0, 0, std_q), normal(0, 0, std_p));

    densities.draw({ x: Z, y: [0, 1.12 * top] }, (plot) => {
      drawDensity(plot, "p", mean_p, std_p);
      drawDensity(plot, "q", mean_q, std_q);
      plot.xAxis("z");
      addHandles(plot, "p", mean_p, std_p);
      addHandles(plot, "q", mean_q, std_q);
    });

    const qp = (z) => Math.exp(logQ(z)) * (logQ(z) - logP(z));
    const pq = (z) => Math.exp(logP(z)) * (logP(z) - logQ(z));
    const grid = Array.from({ length: 281 }, (_, i) => Z[0] + i * 0.05);
    const heights = grid.flatMap((z) => [qp(z), pq(z)]);
    const high = Math.max(0.1, ...heights);
    const y = [Math.min(-0.08 * high, 1.1 * Math.min(...heights)), 1.25 * high];
    drawIntegrand(forth, "q", "q log(q/p)", qp, y);
    drawIntegrand(back, "p", "p log(p/q)", pq, y);

    const reach = (mean, std) => [mean - 12 * std, mean + 12 * std];
    const partsQP = integrandParts(logQ, logP, ...reach(mean_q, std_q));
    const partsPQ = integrandParts(logP, logQ, ...reach(mean_p, std_p));
    for (const [name, { above, below }] of Object.entries({ kl_qp: partsQP, kl_pq: partsPQ })) {
      const { dataset } = explorer.host.querySelector(`[data-reading="${name}"]`);
      Object.assign(dataset, { above, below });
    }
    explorer.show({ kl_qp: klQP, kl_pq: klPQ });

    const same = klQP < 1e-12;
    const larger = klPQ > klQP ? "KL(p‖q) is larger: draws from p land where q is almost zero."
      : "KL(q‖p) is larger: draws from q land where p is almost zero.";
    const equal = Math.abs(klPQ - klQP) < 5e-4 * Math.max(1, klQP);
    const areas = ({ above, below }, kl) => `${inWords(above)} − ${inWords(below)} = ${inWords(kl)} nats`;
    const values = compact
      ? `KL(q‖p) is ${inWords(klQP)} nats, KL(p‖q) ${inWords(klPQ)}.`
      : "The area above zero less the grey area below it is the divergence: " +
        `${areas(partsQP, klQP)} for KL(q‖p), ${areas(partsPQ, klPQ)} for KL(p‖q).`;
    explorer.say(
      same
        ? "q and p are the same, so both divergences are 0. Move either, and both are positive."
        : `${values} ${equal ? "The two directions agree." : larger}`,
    );
  });
});
