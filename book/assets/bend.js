/* Bend the rule: controls for the lines and the alternatives of a claim, beside what the page says without them. */
window.bendTheRule = (details) => {
  const box = details.querySelector(".living");
  const { told, update } = window.verdicts.show(box);
  const lines = [...told.lines];
  const chosen = new Set();
  const turn = box.querySelector(".living-turn");

  const agree = (a, b) => Object.keys(a).every((name) => !(name in b) || a[name] === b[name]);
  const compatible = (a, b) =>
    !told.apart.some((pair) => pair === `${a} + ${b}` || pair === `${b} + ${a}`) && agree(told.moves[a], told.moves[b]);
  const refresh = () => {
    const numbers = Object.assign({}, told.numbers, ...[...chosen].map((label) => told.moves[label]));
    const moved = chosen.size > 0 || lines.some((line, i) => line !== told.lines[i]);
    update(numbers, { lines, moved });
    for (const place of box.querySelectorAll("[data-factor]")) place.textContent = lines[place.dataset.factor];
    reset.disabled = !moved;
  };

  /* What differs from the published rule, as it stands in the address: rule.LINE=value, rule.with=alternative,... */
  const { asked, having, keep, copy } = window.bookAddress;
  const settings = () => {
    const moved = Object.fromEntries(lines.flatMap((line, i) => (line === told.lines[i] ? [] : [[i, `${line}`]])));
    return chosen.size ? { ...moved, with: [...chosen].join(",") } : moved;
  };
  let waiting;
  const rest = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => keep("rule", settings()), 250);
  };
  const make = (tag, properties) => Object.assign(document.createElement(tag), properties);

  const sliders = [...box.querySelectorAll("[data-line]")].map((item) => {
    const { line, low, high, step } = item.dataset;
    const asks = item.querySelector(".living-line").firstChild.textContent.trim().replace(/:$/, "");
    const slider = make("input", { type: "range", min: low, max: high, step });
    slider.setAttribute("aria-label", `${item.querySelector(".bend-number").firstChild.textContent.trim()} ${asks}`);
    const say = () => {
      slider.value = lines[line];
      slider.setAttribute("aria-valuetext", item.querySelector("[data-side]").textContent);
    };
    slider.addEventListener("input", () => {
      const value = Number(slider.value);
      lines[line] = Math.abs(value - told.lines[line]) < step / 2 ? told.lines[line] : value;
      refresh();
      say();
      rest();
    });
    item.append(slider);
    return say;
  });

  const boxes = [...box.querySelectorAll("[data-alternative]")].map((item) => {
    const { alternative } = item.dataset;
    const label = make("label", {});
    const check = make("input", { type: "checkbox" });
    const words = item.querySelector(".bend-words");
    const excludes = make("span", { className: "bend-excludes", role: "status" });
    words.before(label);
    label.append(check, words);
    item.append(excludes);
    check.addEventListener("change", () => {
      for (const one of box.querySelectorAll(".bend-excludes")) one.textContent = "";
      if (check.checked) {
        const out = [...chosen].filter((other) => !compatible(alternative, other));
        for (const other of out) chosen.delete(other);
        chosen.add(alternative);
        const names = out.map((other) => `“${find(other).querySelector(".bend-words").textContent}”`).join(" and ");
        if (out.length) excludes.textContent = `It gives a number another value than ${names}, which was taken out.`;
        for (const other of out) {
          const both = told.pairs[`${alternative} + ${other}`] ?? told.pairs[`${other} + ${alternative}`];
          if (both) excludes.textContent += ` Both at once, by the chapter: ${both}.`;
        }
      } else chosen.delete(alternative);
      refresh();
      tick();
      rest();
    });
    return () => { check.checked = chosen.has(alternative); };
  });
  const find = (label) => box.querySelector(`[data-alternative="${CSS.escape(label)}"]`);
  const tick = () => boxes.forEach((mark) => mark());

  const paint = () => {
    for (const one of box.querySelectorAll(".bend-excludes")) one.textContent = "";
    refresh();
    tick();
    sliders.forEach((say) => say());
  };
  const publish = () => {
    lines.splice(0, lines.length, ...told.lines);
    chosen.clear();
  };
  const button = (textContent, className, press) => {
    const made = make("button", { type: "button", textContent, className });
    made.addEventListener("click", press);
    return made;
  };
  const reset = button("Back to the published rule", "bend-reset", () => {
    publish();
    paint();
    clearTimeout(waiting);
    keep("rule", {});
    fault.textContent = "";
    turn.textContent = "As published.";
  });
  const fault = make("p", { className: "controls-fault", role: "status" });
  const link = button("Link to this", "bend-link", () => copy(having("rule", settings()).href, fault));
  const buttons = make("div", { className: "bend-buttons" });
  buttons.append(reset, link);
  box.querySelector(".bend-verdict").append(buttons, fault);

  /* Take over what the address asks; what it asks wrongly is left as published, and named. */
  const restore = () => {
    publish();
    const faults = [];
    for (const [name, text] of asked("rule")) {
      const item = box.querySelector(`[data-line="${CSS.escape(name)}"]`);
      const labels = name === "with" ? text.split(",") : [];
      const [value, low, high] = [text, item?.dataset.low, item?.dataset.high].map(Number);
      if (item && text.trim() && value >= low && value <= high) lines[name] = value;
      else if (item) faults.push(`line ${name} goes from ${low} to ${high}, not \u201c${text}\u201d`);
      else if (name !== "with") faults.push(`there is no line \u201c${name}\u201d`);
      for (const label of labels) {
        const clash = [...chosen].find((other) => !compatible(label, other));
        if (!find(label)) faults.push(`there is no alternative \u201c${label}\u201d`);
        else if (clash) faults.push(`\u201c${label}\u201d and \u201c${clash}\u201d exclude each other`);
        else chosen.add(label);
      }
    }
    fault.textContent = faults.length ? `The address asks for what cannot be set: ${faults.join("; ")}. That is left as published.` : "";
    paint();
  };
  addEventListener("popstate", () => { clearTimeout(waiting); restore(); });
  restore();
};
