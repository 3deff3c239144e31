/* Many models counted: small binary columns, unpacked once, and what the choices that stand leave of them. Loaded with
   the chart; the columns are loaded at the first strike. `chapters/politics/columns.py` says how they are packed. */
(() => {
  const bytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));

  const unpack = ({ valid, kinds, effects }, sizes) => {
    const flags = bytes(valid);
    const kind = bytes(kinds);
    const pairs = new DataView(bytes(effects).buffer);
    const digits = sizes.map(() => new Uint8Array(kind.length));
    const combinations = sizes.reduce((product, size) => product * size, 1);
    for (let place = 0, model = 0; place < combinations; place++) {
      if (!(flags[place >> 3] & (128 >> (place & 7)))) continue;
      for (let choice = sizes.length - 1, rest = place; choice >= 0; choice--) {
        digits[choice][model] = rest % sizes[choice];
        rest = Math.floor(rest / sizes[choice]);
      }
      model++;
    }
    return { digits, kind, effect: Int16Array.from(kind, (_, model) => pairs.getInt16(2 * model, true)) };
  };

  const median = (values) => {
    const sorted = Int16Array.from(values).sort();
    const half = sorted.length >> 1;
    if (!sorted.length) return 0;
    return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  };

  /* `kept` has the digits of the options that stand, choice by choice. */
  const count = ({ digits, kind, effect }, { third, kinds, bins: [low, high] }, kept) => {
    const stands = kept.map((own) => Array.from({ length: 10 }, (_, digit) => own.includes(digit)));
    const failed = kinds.indexOf("f");
    const bars = Array.from(kinds, () => new Array(high - low).fill(0));
    const [usual, other] = [[], []];
    let all = 0;
    for (let model = 0; model < kind.length; model++) {
      if (!digits.every((column, choice) => stands[choice][column[model]])) continue;
      all++;
      if (kind[model] === failed) continue;
      bars[kind[model]][Math.min(Math.max(Math.floor(effect[model] / 10), low), high - 1) - low]++;
      (digits[third[0]][model] === third[1] ? other : usual).push(effect[model]);
    }
    const by = Object.fromEntries([...kinds].filter((name) => name !== "f").map((name) => [name, bars[kinds.indexOf(name)]]));
    const sum = (name) => by[name].reduce((total, one) => total + one, 0);
    return {
      top: Math.max(...bars[0].map((_, bin) => bars.reduce((total, own) => total + own[bin], 0))),
      all,
      good: usual.length + other.length,
      better: sum("d") + sum("p"),
      sure: sum("d"),
      against: sum("o"),
      half: median(usual.length ? usual : other) / 10,
      listed: usual.length > 0,
      ...by,
    };
  };

  window.countModels = (data, rule, kept) => count(unpack(data, rule.sizes), rule, kept);

  window.followCounts = (figure, view, names, rule, load) => {
    const state = () => names.map((name) => view.signal(name));
    const [first, published] = [state(), view.signal("counted")];
    let models;
    const refresh = async () => {
      await null; // the chart is still at the change that it tells of
      const kept = state();
      const same = (others) => kept.every((digits, choice) => digits === others[choice]);
      if (!same(first)) models ??= load().then((data) => unpack(data, rule.sizes));
      const counted = same(first) ? published : count(await models, rule, kept);
      if (same(state())) view.signal("counted", counted).runAsync(); // else moved on meanwhile
    };
    for (const name of names) view.addSignalListener(name, refresh);
  };
})();
