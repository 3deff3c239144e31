/* The test against chance over the models that a reader leaves: each model's score in the data and in every exchange
   of politics between countries, in steps of which `critical` make the critical value. The scores are loaded at the first strike. */
(() => {
  const unpack = ({ codes, scores, draws }) => {
    const bytes = Int8Array.from(atob(scores), (one) => one.charCodeAt(0));
    return codes.map((code, i) => ({ code, row: bytes.subarray(i * (draws + 1), (i + 1) * (draws + 1)) }));
  };

  /* The larger of two chances, by the median and by the share that is distinguishable, for each direction. */
  const chances = (rows, draws, critical) => {
    if (!rows.length) return { towards: null, against: null };
    const found = Array.from({ length: draws + 1 }, (_, draw) => {
      const column = Int8Array.from(rows, (row) => row[draw]).sort();
      const half = column.length >> 1;
      return {
        median: column.length % 2 ? column[half] : (column[half - 1] + column[half]) / 2,
        sure: rows.filter((row) => row[draw] >= critical).length,
        opposite: rows.filter((row) => row[draw] < -critical).length,
      };
    });
    const [seen, ...drawn] = found;
    const chance = (reached) => (1 + drawn.filter(reached).length) / (1 + draws);
    return {
      towards: Math.max(chance((one) => one.median >= seen.median), chance((one) => one.sure >= seen.sure)),
      against: Math.max(chance((one) => one.median <= seen.median), chance((one) => one.opposite >= seen.opposite)),
    };
  };

  /* Numbers of the rule by the sides of a choice: `sides` gives the digits of each, `kept` those that are left. */
  const count = (data, rows, { place, sides }, kept) => {
    const left = rows.filter(({ code }) => kept.every((digits, i) => digits.includes(code[i])));
    const numbers = {};
    for (const [side, digits] of Object.entries(sides)) {
      const own = left.filter(({ code }) => digits.includes(code[place])).map(({ row }) => row);
      const { towards, against } = chances(own, data.draws, data.critical);
      numbers[`${side}_for`] = towards;
      numbers[`${side}_against`] = against;
    }
    return numbers;
  };

  window.countChance = (data, rule, kept) => count(data, unpack(data), rule, kept);

  window.followChance = (figure, view, names, rule, load) => {
    const first = names.map((name) => view.signal(name));
    let loaded;
    const refresh = async () => {
      const kept = names.map((name) => view.signal(name));
      if (kept.every((digits, i) => digits === first[i])) figure.counted = {};
      else {
        loaded ??= load().then((data) => ({ data, rows: unpack(data) }));
        const { data, rows } = await loaded;
        if (kept.some((digits, i) => digits !== view.signal(names[i]))) return; // moved on meanwhile
        const numbers = count(data, rows, rule, kept);
        figure.counted = Object.fromEntries(
          Object.entries(numbers).map(([name, value]) => [name, window.verdicts.rounded(value)]),
        );
      }
      figure.judge();
    };
    for (const name of names) view.addSignalListener(name, refresh);
  };
})();
