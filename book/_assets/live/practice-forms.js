// The forms of the practice tasks, one for each kind.
//
//   kl.practice.forms[kind](data, id)   {nodes, read}: what is shown, and the answer as it is graded;
//                                       `read` throws an Error that says what is missing

(() => {
  const { element, button, fit } = kl.ui;
  const { missing, words, display, field, given, chain } = kl.parts;
  const { readNumber, readValue } = kl.practice;
  const CONFIDENCES = [50, 60, 70, 80, 90, 99];
  const PREDICTIONS = {
    sign: [["-", "negative"], ["0", "zero"], ["+", "positive"]],
    relation: [["<", "$<$", "less than"], ["=", "$=$", "equal to"], [">", "$>$", "greater than"]],
  };

  /** One of several: value, node, and a name where the node's text is none. */
  function radios(id, legend, pairs, sentence, row = false) {
    const labels = pairs.map(([value, node, name]) => {
      const input = element("input", { type: "radio", name: id, value, "aria-label": name });
      return element("label", { class: "practice-choice" }, input, node);
    });
    const node = element(
      "fieldset",
      { class: row ? "practice-row" : "" },
      element("legend", {}, legend),
      ...labels,
    );
    const read = () => node.querySelector("input:checked")?.value ?? missing(sentence);
    return { node, read };
  }

  const labelled = (texts) =>
    Object.entries(texts).map(([label, text]) => [label, words(`(${label}) ${text}`)]);

  const reasons = (data, id) =>
    radios(`${id}-reason`, "The reason", labelled(data.reasons), "Choose a reason.");

  const forms = {
    Choose(data, id) {
      const choice = radios(id, "Choose one", labelled(data.choices), "Choose one first.");
      return { nodes: [choice.node], read: choice.read };
    },

    Match(data, id) {
      const partners = Object.entries(data.partners).map(([label, text]) =>
        element("li", {}, words(`(${label}) ${text}`)),
      );
      const selects = {};
      const rows = Object.entries(data.items).map(([item, text]) => {
        const name = words(`(${item}) ${text}`, { id: `${id}-${item}` });
        const options = [["", "…"], ...Object.keys(data.partners).map((l) => [l, `(${l})`])];
        const select = element(
          "select",
          { "aria-labelledby": name.id },
          ...options.map(([value, shown]) => element("option", { value }, shown)),
        );
        selects[item] = select;
        return element("li", { class: "practice-pair" }, select, name);
      });
      const read = () => {
        const answer = Object.entries(selects).map(([item, { value }]) => [item, value]);
        const open = answer.find(([, value]) => !value);
        if (open) missing(`(${open[0]}) has no partner yet.`);
        return Object.fromEntries(answer);
      };
      const list = (...items) => element("ul", { class: "practice-list", role: "list" }, ...items);
      return { nodes: [list(...partners), list(...rows)], read };
    },

    Locate(data, id) {
      const letters = "abcdefghijklmnopqrstuvwxyz";
      const [first, ...others] = data.lines;
      const pairs = others.map((line, place) => [
        letters[place + 1],
        element("span", { class: "practice-line" }, `(${letters[place + 1]})`, display(line)),
      ]);
      const start = element("div", { class: "practice-line" }, "(a)", display(first));
      const line = radios(id, "The first line that breaks", pairs, "Choose a line.");
      line.node.firstChild.after(start);
      const reason = reasons(data, id);
      return {
        nodes: [...given(data), line.node, reason.node],
        read: () => ({ line: line.read(), reason: reason.read() }),
      };
    },

    Predict(data, id) {
      const choices = PREDICTIONS[data.what]?.map(([value, text, name]) => [value, words(text), name]);
      const number = field("Your number", { inputmode: "text", size: 12 });
      const prediction = choices
        ? radios(id, "Your prediction", choices, "Predict first.", true)
        : { node: number.node, read: () => readNumber(number.read("Predict a number first.")) };
      const percents = CONFIDENCES.map((p) => [String(p), words(`${p} %`)]);
      const sure = radios(`${id}-sure`, "How sure are you?", percents, "Say how sure you are.", true);
      return {
        nodes: [prediction.node, sure.node],
        read: () => ({ prediction: prediction.read(), confidence: sure.read() / 100 }),
      };
    },

    Compute(data) {
      const letters = data.letters.length ? ", or an expression" : "";
      const value = field(`Your answer, a number${letters}`, {}, true);
      return { nodes: [value.node], read: () => value.read("Type a number first.") };
    },

    Blank(data) {
      const hole = field("What stands in the box?", {}, true);
      return {
        nodes: [...given(data), chain(data.lines), hole.node],
        read: () => ({ text: hole.read("Type what stands in the box first.") }),
      };
    },

    Repair(data) {
      const line = field("Your line in its place", { rows: 1 }, true);
      line.input.value = data.lines[data.at].text;
      line.input.addEventListener("input", () => fit(line.input));
      line.input.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || event.isComposing) return;
        event.preventDefault(); // a line has no second row
        line.input.form.requestSubmit();
      });
      return {
        nodes: [...given(data), chain(data.lines, data.at, "this line is wrong"), line.node],
        read: () => ({ text: line.read("Type a line first.") }),
      };
    },

    Condition(data) {
      const text = field("The claim holds if (a comparison, such as `mu > 1`; one on each row)", {
        rows: 2,
      });
      const read = () =>
        text
          .read("Type a condition first.")
          .split("\n")
          .map((row) => row.trim())
          .filter(Boolean);
      return { nodes: [...given(data), chain(data.lines, 1, "the claim"), text.node], read };
    },

    Refute(data, id) {
      const hints = { number: "", list: ", as in `1, 2`", rows: ", row by row, as in `2, 1; 1, 2`" };
      const fields = Object.entries(data.shapes).map(([name, shape]) => {
        const one = field(`\`${name}\`${hints[shape]}`);
        const read = () => readValue(one.read(`The letter ${name} has no value yet.`), shape);
        return { name, node: one.node, read };
      });
      const reason = reasons(data, id);
      const numbers = () => Object.fromEntries(fields.map(({ name, read }) => [name, read()]));
      const box = element("div", { class: "practice-numbers" }, ...fields.map((one) => one.node));
      return {
        nodes: [...given({ given: data.given }), chain(data.lines, 1, "the claim"), box, reason.node],
        read: () => ({ numbers: numbers(), reason: reason.read() }),
      };
    },

    Order(data) {
      return orderForm(data);
    },
  };
  forms.Reason = forms.Match;

  /** Lines are taken, one after the other, from those that are offered; the last can be put back. */
  function orderForm(data) {
    const taken = [];
    const proof = element("ol", { class: "practice-chain", role: "list", "aria-label": "Your proof" });
    const offered = element("ul", {
      ...{ class: "practice-chain", role: "list", "aria-label": "Lines to choose from" },
    });
    const said = element("p", { class: "try-words", role: "status" });
    const undo = button("Put the last one back", () => back(), {
      class: "practice-undo",
      disabled: true,
    });
    const first = element("li", {}, display(data.lines[0]));

    const lines = data.offered.map(({ label, reason, ...line }) => {
      const node = element("li", { class: "practice-offered" });
      const take = button(`(${label})`, () => add(one), {
        "aria-label": `Take line (${label}): ${line.text}`,
      });
      const why = reason ? [words(reason, { class: "practice-why" })] : [];
      node.append(take, display(line), ...why);
      const one = { label, node, take };
      return one;
    });

    function show(sentence) {
      proof.replaceChildren(first, ...taken.map(({ node }) => node));
      offered.replaceChildren(...lines.filter((l) => !taken.includes(l)).map(({ node }) => node));
      for (const { take, label } of lines) {
        const place = taken.findIndex((one) => one.label === label);
        take.disabled = place >= 0;
      }
      undo.disabled = !taken.length;
      said.textContent = sentence;
    }

    function add(one) {
      taken.push(one);
      show(`Line (${one.label}) is in place ${taken.length}.`);
      (lines.find((line) => !taken.includes(line))?.take ?? undo).focus();
    }

    function back() {
      const one = taken.pop();
      show(`Line (${one.label}) is put back.`);
      one.take.focus();
    }

    show("");
    return {
      nodes: [
        ...given({ given: data.given }),
        element("p", { class: "practice-legend" }, "Your proof"),
        proof,
        element("div", { class: "try-buttons" }, undo),
        said,
        element(
          "p",
          { class: "practice-legend" },
          "Lines to choose from; some do not belong, all others are needed",
        ),
        offered,
      ],
      read: () => (taken.length ? taken.map(({ label }) => label) : missing("Take a line first.")),
    };
  }

  kl.practice.forms = forms;
})();
