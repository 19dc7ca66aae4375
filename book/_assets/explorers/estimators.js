// Chapter 3: k1, k2 and k3 for q = N(μ, σ²) and p = N(0, 1): exact variances, and a thousand draws.

Explorers.define("estimators", "Three estimators as q gets narrow", (explorer) => {
  const { estimate, klMoments, klNormal, klTerms, normalDraws } = Explorers.numerics;
  const { inWords } = Explorers;
  const COUNT = 1000;
  const BORDER = Math.SQRT1_2; // where the variance of k3 becomes infinite
  const LOOKS = { k1: "accent", k2: "second dashed", k3: "third dash-dot" };
  const STDS = [0.1, 2];
  let seed = 1;
  let draws = normalDraws(COUNT, seed);

  explorer.reading({ name: "kl", label: "KL(q‖p)", look: "q" });
  for (const k of Object.keys(LOOKS)) {
    const label = `variance of ${k.replace("k", "k_")}`;
    explorer.reading({ name: `variance_${k}`, label, unit: "", look: LOOKS[k] });
  }
  const std = "standard deviation of q, σ_q";
  const range = { min: STDS[0], max: STDS[1], step: 0.01, value: 1.3, look: "q" };
  explorer.slider({ name: "std", label: std, ...range });
  const places = { min: 0, max: 2, step: 0.05, value: 0, look: "q" };
  explorer.slider({ name: "mean", label: "mean of q, μ_q", ...places });
  explorer.buttons(["draw", "Draw another 1,000", () => drawAgain(seed + 1)]);
  const spread = explorer.plot({ height: 250, margin: { left: 46 } });
  const means = explorer.plot({ height: 250, margin: { left: 34 } });

  function drawAgain(next) {
    seed = next;
    draws = normalDraws(COUNT, seed);
    explorer.refresh();
  }
  explorer.host.addEventListener("reset", () => drawAgain(1));

  function drawVariances(mean, std, moments) {
    spread.draw({ x: STDS, y: [1e-3, 1e3], logarithmic: true }, (plot) => {
      plot.area([[STDS[0], 1e3], [BORDER, 1e3]], "muted", 1e-3);
      plot.yLines([1e-3, 1e-2, 0.1, 1, 10, 100, 1000], (v) => v.toLocaleString("en"));
      plot.xAxis("σ", [0.1, 0.5, 1, 1.5, 2]);
      plot.words("variance of one draw", [STDS[0], 1e3], "", { dy: -4 });
      plot.words("k₃ infinite", [(STDS[0] + BORDER) / 2, 300], "third", { anchor: "middle" });
      for (const [k, look] of Object.entries(LOOKS)) {
        const from = k === "k3" ? BORDER * (1 + 1e-9) : STDS[0];
        const points = Array.from({ length: 300 }, (_, i) => {
          const share = i / 299; // closer together at the left end, where k3 goes up
          const s = from + (STDS[1] - from) * share ** 3;
          return [s, Math.min(Math.max(klMoments(mean, s)[k].variance, 1e-9), 1e9)];
        });
        plot.curve(points, look);
        const value = moments[k].variance;
        if (value >= 1e-3 && value <= 1e3) plot.dot([std, value], look.split(" ")[0]);
      }
      plot.line([std, 1e-3], [std, 1e3], "rule");
    });
  }

  function drawEstimates(kl, moments, estimates) {
    const ends = Object.values(estimates).flatMap(({ mean, error }) => [mean - 2 * error, mean + 2 * error]);
    const low = Math.min(0, ...ends);
    const high = Math.max(1e-3, kl, moments.k2.mean, ...ends);
    means.draw({ x: [low, low + 1.15 * (high - low)], y: [0.4, 3.8] }, (plot) => {
      plot.xAxis("in nats");
      plot.line([kl, 0.4], [kl, 3.45], "q");
      plot.words("KL(q‖p)", [kl, 3.45], "q", { dy: -6, anchor: "middle" });
      Object.entries(LOOKS).forEach(([k, look], i) => {
        const [row, tone] = [3 - i, look.split(" ")[0]];
        const { mean, error } = estimates[k];
        plot.line([mean - 2 * error, row], [mean + 2 * error, row], tone);
        plot.dot([mean, row], tone, 6);
        const label = { k1: "k₁", k2: "k₂", k3: "k₃" }[k];
        plot.words(label, [plot.x[0], row], `${tone} formula`, { dx: -24, dy: 5 });
      });
      plot.words("mean of 1,000 draws ± 2 standard errors", [plot.x[0], 3.8], "", { dx: -24, dy: -4 });
    });
  }

  explorer.start(({ mean, std }) => {
    const kl = klNormal(mean, std);
    const moments = klMoments(mean, std);
    const terms = draws.map((e) => klTerms(e, mean, std));
    const estimates = {};
    for (const k of Object.keys(LOOKS)) estimates[k] = estimate(terms.map((term) => term[k]));
    drawVariances(mean, std, moments);
    drawEstimates(kl, moments, estimates);

    explorer.host.draws = draws; // for the tests
    const variances = Object.keys(LOOKS).map((k) => {
      const { variance } = moments[k];
      const words = variance === Infinity ? "infinite" : inWords(variance, variance < 10 ? 3 : 1);
      return [`variance_${k}`, [variance, words]];
    });
    for (const [k, { mean, error }] of Object.entries(estimates)) {
      Object.assign(explorer.host.dataset, { [k]: mean, [`${k}Error`]: error });
    }
    explorer.host.dataset.k2Mean = moments.k2.mean;
    explorer.show({ kl, ...Object.fromEntries(variances) });

    const off = ({ mean, error }) => (error > 0 ? Math.abs(mean - kl) / error : 0);
    const said = ({ mean, error }) => `${inWords(mean)} ± ${inWords(error)}`;
    const all = `The mean of 1,000 draws is ${said(estimates.k1)} for k1, ${said(estimates.k2)} for k2 and ${said(estimates.k3)} for k3; KL(q‖p) is ${inWords(kl)} nats.`;
    const infinite = moments.k3.variance === Infinity;
    const about = infinite
      ? ` The variance of k3 is infinite, and its error bar means nothing: here it is off by ${inWords(off(estimates.k3), 1)} of its own standard errors.`
      : ` One draw of ${moments.k3.variance < moments.k1.variance ? "k3 spreads less than one of k1" : "k1 spreads less than one of k3"}.`;
    explorer.say(kl === 0 ? "q and p are the same: every draw of every estimator is 0." : all + about);
  });
});
