/* The verdict under a reader's assumption. The rules come compiled by trial/compiled.py as nested lists and are
   evaluated here without eval; numbers are written as on the verdict's card. Loaded where it is first needed. */
(() => {
  const [SUPPORTED, CONTRADICTED, UNTESTABLE] = ["supported", "contradicted", "not testable"];
  const UNDECIDED = "cannot be decided";

  // ---- the rules

  class Undecided extends Error {}

  const holdsBetween = {
    "<": (a, b) => a < b, "<=": (a, b) => a <= b, ">": (a, b) => a > b, ">=": (a, b) => a >= b,
    "==": (a, b) => a == b, "!=": (a, b) => a != b,
  };
  const operations = {
    "+": (a, b) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b, neg: (a) => -a,
    "/": (a, b) => {
      if (b == 0) throw new Undecided("a division by zero");
      return a / b;
    },
    not: (a) => !a, min: Math.min, max: Math.max, abs: Math.abs,
  };

  const evaluate = (tree, numbers, lines) => {
    const go = (branch) => evaluate(branch, numbers, lines);
    if (typeof tree === "string") {
      if (numbers[tree] == null) throw new Undecided(tree);
      return numbers[tree];
    }
    if (!Array.isArray(tree)) return tree;
    const [operation, ...operands] = tree;
    if (operation === "line") return lines[operands[0]];
    if (operation === "and") return operands.every(go);
    if (operation === "or") return operands.some(go);
    if (operation === "is") {
      const values = operands.slice(1).map(go);
      return operands[0].every((relation, i) => holdsBetween[relation](values[i], values[i + 1]));
    }
    return operations[operation](...operands.map(go));
  };

  const valueOf = (tree, numbers, lines) => {
    try {
      return evaluate(tree, numbers, lines);
    } catch (error) {
      if (error instanceof Undecided) return null;
      throw error;
    }
  };

  /* Whether a rule or a comparison is met; null where a number is missing. */
  const holds = (tree, numbers, lines) => {
    const value = valueOf(tree, numbers, lines);
    return typeof value === "boolean" ? value : null;
  };

  const decidePart = ({ testable, supported, contradicted }, numbers, lines) => {
    const can = testable === undefined || holds(testable, numbers, lines);
    if (can === null) return null;
    if (!can) return UNTESTABLE;
    const [is, isNot] = [holds(supported, numbers, lines), holds(contradicted, numbers, lines)];
    if (is === null || isNot === null || (is && isNot)) return null; // a number is missing, or lines cross
    return is ? SUPPORTED : isNot ? CONTRADICTED : "not established";
  };

  /* The verdict on a claim and on each of its parts, as `Claim.decide` gives them; null where they cannot be. */
  const decide = ({ parts, lines }, numbers, at = lines) => {
    const every = parts.map((part) => decidePart(part, numbers, at));
    const words = every.filter((_, i) => !parts[i].beside);
    const has = (word) => words.includes(word);
    const all = (word) => words.every((one) => one === word);
    let word = "not established";
    if (has(null)) word = null;
    else if (all(UNTESTABLE)) word = UNTESTABLE;
    else if (has(SUPPORTED) && has(CONTRADICTED)) word = "mixed";
    else if (has(SUPPORTED)) word = all(SUPPORTED) ? SUPPORTED : "partly supported";
    else if (has(CONTRADICTED)) word = all(CONTRADICTED) ? CONTRADICTED : "partly contradicted";
    return { word, parts: Object.fromEntries(parts.map(({ name }, i) => [name, every[i]])) };
  };

  // ---- numbers in words

  /* Python rounds a tie to the even digit, toFixed away from zero. */
  const decimal = (value, most, least = most) => {
    const size = Math.abs(value);
    const exact = size.toFixed(60);
    const [cut, rest] = [exact.slice(0, most - 60), exact.slice(most - 60)];
    let text = (/^50*$/.test(rest) && /[02468]\.?$/.test(cut) ? cut.replace(/\.$/, "") : size.toFixed(most));
    if (least < most) text = text.replace(/\.?0+$/, "");
    const [whole, part] = text.split(".");
    const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
    return `${value < 0 && Number(text) ? "\u2212" : ""}${grouped}${part ? `.${part}` : ""}`;
  };
  const scales = [[1e12, "trillion"], [1e9, "billion"], [1e6, "million"]];
  const dollars = (value) => {
    const size = Math.abs(value);
    const [scale, word] = scales.find(([least]) => size >= least) ?? [];
    const text = scale ? `${decimal(size / scale, 1, 0)} ${word}` : decimal(size, 0);
    return `${value < 0 && /[1-9]/.test(text) ? "\u2212" : ""}$${text}`;
  };
  const probability = (p) =>
    p < 0.001 ? "less than 0.001" : p > 0.999 ? (p < 1 ? "more than 0.999" : "1")
      : decimal(p, p >= 0.1 && p <= 0.9 ? 2 : 3);
  const plain = (value, unit) => {
    if (value == null) return "no figure seen";
    if (unit === "share") return `${decimal(100 * value, 1).replace(/\.0$/, "")}%`;
    if (unit === "probability") return probability(value);
    if (unit === "US dollars") return dollars(value);
    if (unit === "yes or no") return value === 1 ? "yes" : value === 0 ? "no" : "cannot be said";
    if (unit === "ratio") return `${decimal(value, 2, 0)} times`;
    if (unit === "rank") return `number ${decimal(value, 2, 0)}`;
    return `${decimal(value, 2, 0)} ${value === 1 ? unit.replace(/ies$/, "ys").replace(/s$/, "") : unit}`;
  };
  const rounded = (value) => (value == null ? null : Number(value.toPrecision(6))); // as a chapter rounds them

  // ---- what a reader sees

  const say = (element, text) => {
    if (element && element.textContent !== text) element.textContent = text;
  };

  /* Keep a box of the template living.html up to date; the word is announced when it becomes another one. */
  const show = (box) => {
    const told = JSON.parse(box.querySelector("script").textContent);
    const find = (selector) => box.querySelector(selector);
    let last = told.word;
    const paint = (place, word, answer = word) => {
      const [css, mark] = told.marks[word ?? "not yet tested"];
      const seal = place.querySelector(".verdict-mark");
      if (seal.dataset.word !== `${word}`) seal.innerHTML = mark;
      seal.dataset.word = word;
      say(place.querySelector("strong"), answer ?? UNDECIDED);
      return `verdict-${css}`;
    };
    const update = (numbers, { lines = told.lines, moved = false } = {}) => {
      const { word, parts } = decide(told, numbers, lines);
      box.className = `living ${paint(find(".living-verdict"), word)}`;
      box.toggleAttribute("data-turned", word !== told.word);
      box.toggleAttribute("data-moved", moved);
      say(find(".living-lead"), moved ? told.leads[1] : told.leads[0]);
      for (const part of box.querySelectorAll("[data-part]")) {
        const found = parts[part.dataset.part];
        part.className = paint(part, found, "beside" in part.dataset ? told.answers[found] : found);
      }
      for (const value of box.querySelectorAll("[data-number]"))
        say(value, plain(numbers[value.dataset.number], told.units[value.dataset.number]));
      box.querySelectorAll("[data-met]").forEach((place, i) => {
        const met = holds(told.met[i], numbers, lines);
        place.dataset.met = met === null ? "unknown" : met ? "yes" : "no";
        say(place.querySelector(".met"), met === null ? "? cannot be said" : met ? "met" : "not met");
      });
      box.querySelectorAll("[data-side]").forEach((place, i) => {
        const [side, unit] = told.sides[i];
        const value = valueOf(side, numbers, lines);
        say(place, value !== null && unit === "probability" ? decimal(value, 4, 0) : plain(value, unit));
      });
      if (word !== last) say(find(".living-turn"), `The verdict is now: ${word ?? UNDECIDED}. Published: ${told.word}.`);
      last = word;
      return { word, parts };
    };
    return { told, update };
  };

  /* The numbers that a chart says beside its sentence. */
  const saidBy = (chart) => {
    const said = chart.querySelector(".readout_marks text[aria-label*='=']")?.getAttribute("aria-label") ?? "";
    return Object.fromEntries(said.split(" ").map((pair) => {
      const [name, value] = pair.split("=");
      return [name, Number.isFinite(parseFloat(value)) ? rounded(parseFloat(value)) : null];
    }));
  };

  const follow = (figure, chart) => {
    const { told, update } = show(figure.querySelector(".living"));
    const listen = () => {
      const said = { ...saidBy(chart), ...figure.counted };
      const numbers = { ...told.numbers };
      const moved = Object.keys(told.first).filter((name) => (said[name] ?? null) !== told.first[name]);
      for (const name of moved) numbers[name] = said[name] ?? null;
      update(numbers, { moved: moved.length > 0 });
    };
    const options = { childList: true, subtree: true, characterData: true, attributeFilter: ["aria-label"] };
    new MutationObserver(listen).observe(chart, options);
    figure.judge = listen; // for what is counted outside the chart
    listen();
  };

  window.verdicts = { decide, holds, plain, rounded, show, follow };
})();
