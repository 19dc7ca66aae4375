// The mathematics behind the explorers, in nats. The tests compare it with kl_utils.

(() => {
  const LOG_2PI = Math.log(2 * Math.PI);

  const logNormal = (z, mean, std) =>
    -0.5 * ((z - mean) / std) ** 2 - Math.log(std) - 0.5 * LOG_2PI;

  const normal = (z, mean, std) => Math.exp(logNormal(z, mean, std));

  /** exp(t) - 1 - t, by its series where the difference would lose digits. */
  function psi(t) {
    if (Math.abs(t) > 0.7) return Math.expm1(t) - t;
    let sum = 0;
    for (let n = 20; n >= 2; n--) sum = (1 + sum) * (t / n);
    return sum * t;
  }

  /** KL(q‖p) of two Gaussians: half psi(t), t = log(var_q/var_p), plus half the shift squared. */
  function klNormal(meanQ, stdQ, meanP = 0, stdP = 1) {
    const t = 2 * Math.log1p((stdQ - stdP) / stdP);
    return 0.5 * psi(t) + 0.5 * ((meanQ - meanP) / stdP) ** 2;
  }

  /** log(exp(a) + exp(b) + …) without overflow. */
  function logSumExp(values) {
    const largest = Math.max(...values);
    return largest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0));
  }

  /** ∫ f by the trapezoid rule, which for smooth functions that fade out is exact to rounding. */
  function integrate(f, from, to, steps = 2000) {
    const h = (to - from) / steps;
    let sum = 0.5 * (f(from) + f(to));
    for (let i = 1; i < steps; i++) sum += f(from + i * h);
    return sum * h;
  }

  /** E_q[f] for q = N(mean, std²). */
  const expectNormal = (f, mean, std, steps = 2000) =>
    integrate((e) => normal(e, 0, 1) * f(mean + std * e), -10, 10, steps);

  /** The parts of ∫ a log(a/b) above and below zero, for a Gaussian or mixture given by logs. */
  function integrandParts(logA, logB, from, to) {
    const f = (z) => Math.exp(logA(z)) * (logA(z) - logB(z));
    return {
      above: integrate((z) => Math.max(f(z), 0), from, to, 4000),
      below: integrate((z) => Math.max(-f(z), 0), from, to, 4000),
    };
  }

  // ------------------------------------------------- k1, k2 and k3, for q = N(μ, σ²), p = N(0, 1)

  /** What each draw z = mean + std·e contributes to k1, k2, k3. */
  function klTerms(e, mean, std) {
    const z = mean + std * e;
    const logRatio = logNormal(z, 0, 1) - logNormal(z, mean, std);
    return { k1: -logRatio, k2: 0.5 * logRatio ** 2, k3: psi(logRatio) };
  }

  /** E[(a e² + b e + c)^power] for e ~ N(0, 1), power up to 4. */
  function momentOfSquare([a, b, c], power) {
    let polynomial = [1];
    for (let i = 0; i < power; i++) {
      const next = new Array(polynomial.length + 2).fill(0);
      polynomial.forEach((factor, degree) => {
        next[degree] += factor * c;
        next[degree + 1] += factor * b;
        next[degree + 2] += factor * a;
      });
      polynomial = next;
    }
    const moments = [1, 0, 1, 0, 3, 0, 15, 0, 105];
    return polynomial.reduce((sum, factor, degree) => sum + factor * moments[degree], 0);
  }

  /** Mean and variance of k1, k2, k3, exact: (3.7) to (3.10) of the book. */
  function klMoments(mean, std) {
    const kl = klNormal(mean, std);
    const reverse = klNormal(0, 1, mean, std);
    const variance = std ** 2;
    const varLog = (variance - 1) ** 2 / 2 + mean ** 2 * variance;
    // log ρ = a e² + b e + c
    const logRatio = [(1 - variance) / 2, -mean * std, Math.log(std) - mean ** 2 / 2];
    const meanSquare = varLog + kl ** 2;
    let varK3 = Infinity;
    if (variance > 0.5) {
      const narrow = 2 * variance - 1;
      const varRatio = (variance * Math.exp(mean ** 2 / narrow)) / Math.sqrt(narrow) - 1;
      varK3 = Math.max(0, varRatio + varLog - 2 * (kl + reverse));
    }
    return {
      k1: { mean: kl, variance: varLog },
      k2: {
        mean: meanSquare / 2,
        variance: Math.max(0, (momentOfSquare(logRatio, 4) - meanSquare ** 2) / 4),
      },
      k3: { mean: kl, variance: varK3 },
    };
  }

  /** Mean of the values and its standard error. */
  function estimate(values) {
    const n = values.length;
    const mean = values.reduce((sum, value) => sum + value, 0) / n;
    const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
    return { mean, error: Math.sqrt(square / n) };
  }

  /** Standard normal draws from a seed: mulberry32, then Box and Muller. */
  function normalDraws(count, seed) {
    let state = seed >>> 0;
    const uniform = () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = Math.imul(state ^ (state >>> 15), state | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 2 ** 32;
    };
    return Array.from(
      { length: count },
      () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
    );
  }

  // ------------------------------------------------------- a Gaussian q fitted to a mixture target

  /** A mixture of Gaussians of one width: its log-density, slope of that, mean, std, entropy. */
  function mixture(weights, means, std) {
    const logParts = (z) => means.map((mean, k) => Math.log(weights[k]) + logNormal(z, mean, std));
    const log = (z) => logSumExp(logParts(z));
    const mean = weights.reduce((sum, weight, k) => sum + weight * means[k], 0);
    const variance = weights.reduce((sum, w, k) => sum + w * (means[k] - mean) ** 2, std ** 2);
    const reach = 12 * std;
    const [from, to] = [Math.min(...means) - reach, Math.max(...means) + reach];
    return {
      log,
      slope(z) {
        const parts = logParts(z);
        const total = logSumExp(parts);
        return parts.reduce((sum, part, k) => {
          return sum - (Math.exp(part - total) * (z - means[k])) / std ** 2;
        }, 0);
      },
      mean,
      std: Math.sqrt(variance),
      entropy: -integrate((z) => Math.exp(log(z)) * log(z), from, to, 4000),
    };
  }

  /** KL(q‖p) for q = N(mean, std²) and a mixture p, by quadrature. */
  const klToMixture = (mean, std, p) =>
    expectNormal((z) => logNormal(z, mean, std) - p.log(z), mean, std);

  /** KL(p‖q): the cross-entropy (1.14c) of p and a Gaussian q, less the entropy of p. */
  const klFromMixture = (mean, std, p) =>
    0.5 * (LOG_2PI + 2 * Math.log(std) + (p.std ** 2 + (p.mean - mean) ** 2) / std ** 2) -
    p.entropy;

  /**
   * Lower KL(q‖p) from here by natural-gradient steps, halved until they help: the states on the
   * way, [mean, std], the last of them the minimum that this start leads to.
   */
  function descend(mean, std, p) {
    const path = [[mean, std]];
    let height = klToMixture(mean, std, p);
    for (let step = 0; step < 300; step++) {
      const pull = expectNormal(p.slope, mean, std, 500);
      const widen = expectNormal((z) => p.slope(z) * (z - mean), mean, std, 500) + 1;
      let length = 0.5;
      let next;
      for (; length > 1e-9; length /= 2) {
        next = [mean + length * std ** 2 * pull, std * Math.exp(0.5 * length * widen)];
        const lower = klToMixture(...next, p);
        if (lower < height) {
          height = lower;
          break;
        }
      }
      if (length <= 1e-9) break;
      [mean, std] = next;
      path.push(next);
      if (Math.abs(std * pull) + Math.abs(widen) < 1e-9) break;
    }
    return path;
  }

  Explorers.numerics = {
    descend,
    estimate,
    expectNormal,
    integrandParts,
    integrate,
    klFromMixture,
    klMoments,
    klNormal,
    klTerms,
    klToMixture,
    logNormal,
    logSumExp,
    mixture,
    normal,
    normalDraws,
    psi,
  };
})();
