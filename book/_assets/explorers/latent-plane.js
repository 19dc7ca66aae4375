// Chapters 6 and 8: the latent plane of a trained VAE. Numbers and pictures were written by
// tools/commands/latent_planes.py.

Explorers.load("latent-planes.js").then(() => {
  const { define, element, inWords, latentPlanes, numerics } = Explorers;
  const { logNormal, logSumExp } = numerics;
  const PIXELS = 28;
  const NEIGHBOURS = 15;

  /** log p(z) under a prior with diagonal components. */
  function logPrior({ weights, means, stds }, z) {
    const parts = weights.map((weight, k) =>
      z.reduce((sum, value, i) => sum + logNormal(value, means[k][i], stds[k][i]), Math.log(weight)),
    );
    return logSumExp(parts);
  }

  /** The labels of the posterior means around a place: the most frequent one, and how often. */
  function around({ means, labels }, z) {
    const far = means.map((mean, i) => [Math.hypot(mean[0] - z[0], mean[1] - z[1]), labels[i]]);
    const nearest = far.sort((a, b) => a[0] - b[0]).slice(0, NEIGHBOURS);
    const counts = {};
    for (const [, label] of nearest) counts[label] = (counts[label] ?? 0) + 1;
    const [label, count] = Object.entries(counts).sort((a, b) => b[1] - a[1])[0];
    return { label, count, distance: nearest[0][0] };
  }

  /** Where the sliders of a plane may go: over all of it, in about 150 steps. */
  function rangeOf({ half }) {
    return { min: -half, max: half, step: 0.05 * Math.ceil(half / 5) };
  }

  define("latent-plane", "A walk on the latent plane", (explorer) => {
    const planes = Object.fromEntries(latentPlanes.map((plane) => [plane.name, plane]));
    const pictures = {};
    explorer.reading({ name: "log_prior", label: "log p(z), the prior", look: "p" });
    explorer.reading({ name: "label", label: "digit of the images nearby", unit: "" });
    if (latentPlanes.length > 1) {
      const options = latentPlanes.map(({ name, title }) => [name, title]);
      explorer.choice({ name: "model", legend: "Prior of the model", options });
    } else explorer.values.model = latentPlanes[0].name;
    const middle = { ...rangeOf(planes[explorer.values.model]), value: 0 };
    explorer.slider({ name: "z1", label: "first coordinate, z_1", ...middle });
    explorer.slider({ name: "z2", label: "second coordinate, z_2", ...middle });
    const map = explorer.plot({ square: true, plane: true, margin: { left: 30, top: 10 } });
    map.anywhere = true;
    const canvas = element("canvas", { width: PIXELS, height: PIXELS, role: "img" });
    const legend = element("p", { class: "explorer-classes", "aria-hidden": "true" });
    for (let digit = 0; digit < 10; digit++) {
      legend.append(element("span", { class: `class-${digit}` }, `${digit}`));
    }
    explorer.stage.append(element("div", { class: "explorer-digit" }, canvas, legend));

    function pictureOf({ name, picture }) {
      if (!pictures[name]) {
        pictures[name] = new Image();
        pictures[name].onload = () => explorer.refresh();
        pictures[name].src = Explorers.address(picture);
      }
      return pictures[name];
    }

    /** Draw the digit at z: the four decoded digits around it, each by its share. */
    function drawDigit(plane, z) {
      const image = pictureOf(plane);
      if (!image.complete || !image.naturalWidth) return;
      const { half, side } = plane;
      const places = [z[0], -z[1]].map((value) => {
        const place = Math.min(Math.max(((value + half) / (2 * half)) * (side - 1), 0), side - 1);
        const first = Math.min(Math.floor(place), side - 2);
        return [first, place - first];
      });
      const [[column, right], [row, down]] = places;
      const context = canvas.getContext("2d");
      context.globalCompositeOperation = "source-over";
      context.globalAlpha = 1;
      context.fillStyle = "black";
      context.fillRect(0, 0, PIXELS, PIXELS);
      context.globalCompositeOperation = "lighter"; // shares add up
      for (const [i, j] of [[0, 0], [0, 1], [1, 0], [1, 1]]) {
        context.globalAlpha = (i ? down : 1 - down) * (j ? right : 1 - right);
        if (!context.globalAlpha) continue;
        const [sx, sy] = [(column + j) * PIXELS, (row + i) * PIXELS];
        context.drawImage(image, sx, sy, PIXELS, PIXELS, 0, 0, PIXELS, PIXELS);
      }
      canvas.dataset.drawn = `${plane.name} ${z}`;
    }

    function drawMap(plane, z) {
      const { half, means, labels, prior } = plane;
      map.draw({ x: [-half, half], y: [-half, half] }, (plot) => {
        for (let digit = 0; digit < 10; digit++) {
          const dots = means
            .filter(([a, b], i) => +labels[i] === digit && Math.max(Math.abs(a), Math.abs(b)) <= half)
            .map(([a, b]) => `M${plot.X(a).toFixed(1)} ${plot.Y(b).toFixed(1)}h0`);
          plot.add("path", { class: `dots class-${digit}`, d: dots.join("") });
        }
        const unit = plot.X(1) - plot.X(0);
        prior.means.forEach(([a, b], k) => {
          const [rx, ry] = prior.stds[k].map((std) => std * unit * (prior.weights.length > 1 ? 1 : 2));
          const opacity = Math.min(1, 0.15 + 5 * prior.weights[k]);
          const ellipse = { cx: plot.X(a), cy: plot.Y(b), rx, ry, "stroke-opacity": opacity };
          plot.add("ellipse", { class: "curve p dashed thin", ...ellipse, "clip-path": `url(#${plot.id})` });
        });
        plot.xAxis("z₁");
        plot.yLines();
        plot.words("z₂", [-half, half], "formula", { dx: -28, dy: 4 });
        plot.handle("z", z, "ink", (z1, z2) => explorer.set({ z1, z2 }));
      });
    }

    explorer.start(({ model }) => {
      const plane = planes[model];
      const z = ["z1", "z2"].map((name) => explorer.limit(name, rangeOf(plane)));
      const [z1, z2] = z;
      drawMap(plane, z);
      drawDigit(plane, z);
      const { label, count, distance } = around(plane, z);
      const atPrior = logPrior(plane.prior, z);
      explorer.show({ log_prior: [atPrior, inWords(atPrior, 2)], label: [label, label] });
      const nearby =
        distance > plane.half / 7
          ? "None of these test images is encoded near here: the decoder has hardly been told what to draw."
          : `Of the ${NEIGHBOURS} test images that are encoded nearest, ${count} show a ${label}.`;
      const place = `At z = (${inWords(z1, 2)}, ${inWords(z2, 2)}), log p(z) is ${inWords(atPrior, 2)} nats.`;
      canvas.setAttribute("aria-label", `The decoded digit. ${nearby}`);
      explorer.say(`${place} ${nearby}`);
    });
  });
});
