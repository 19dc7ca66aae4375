// Answers to practice tasks: read from what was typed, and judged where that needs no Python.
//
//   kl.practice.verdicts[kind](data, answer)   {points, of, lost}, as kl_utils.exercises.grade has it

(() => {
  const { missing } = kl.parts;

  /** A number as it is typed: 0.5, 0,5, -1/2, 14,400. */
  function readNumber(typed) {
    const isLarge = /^[-+−]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?$/.test(typed);
    const text = isLarge ? typed.replaceAll(",", "") : typed;
    const number = /^([-+−]?\d*[.,]?\d+)(?:\s*\/\s*(\d*[.,]?\d+))?$/;
    const found = text.match(number) ?? missing("Type a number, such as 0.3 or 1/2.");
    const [top, bottom] = [found[1], found[2] ?? "1"].map((part) =>
      Number(part.replace("−", "-").replace(",", ".")),
    );
    return top / bottom;
  }

  /** The value of a letter: a number as text, a list, or a list of rows. */
  function readValue(text, shape) {
    const list = (row) => row.split(/[,\s]+/).filter(Boolean);
    if (shape === "number") return text;
    if (shape === "list") return list(text.replace(/[[\]()]/g, ""));
    return text.replace(/[[\]()]/g, "").split(";").map(list);
  }

  // The verdicts

  const verdicts = {
    Choose: (data, label) => data.verdicts[label],
    Locate: (data, { line, reason }) => data.verdicts[line][reason],

    Match(data, answer) {
      const lost = Object.entries(answer)
        .map(([item, partner]) => data.pairs[item][partner])
        .filter(Boolean);
      return { points: data.points[lost.length], of: data.of, lost };
    },

    Predict({ right, within = 0 }, { prediction }) {
      const isRight =
        prediction === right || Math.abs(Number(prediction) - right) <= within + 1e-12;
      return { points: Number(isRight), of: 1, lost: [] };
    },
  };
  verdicts.Reason = verdicts.Match;

  kl.practice = { readNumber, readValue, verdicts };
})();
