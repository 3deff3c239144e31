/* The controls of a live figure stand in the page. What a reader sets goes to the chart and into the address, and an
   address brings it back. Chips strike options out: their value holds a digit for each option that stands. */
(() => {
  const PAUSE = 250; // ms without a move after which the address follows

  /* A value of a range in words, as figures/controls.py writes the published one. */
  const say = (value, { unit, digits }) => {
    if (unit === "month") return new Date(Date.UTC(2000, value - 1)).toLocaleString("en", { month: "long", timeZone: "UTC" });
    const size = Math.abs(value) * (unit === "share" ? 100 : 1);
    const useGrouping = size >= 10000 || unit === "dollars";
    const places = { minimumFractionDigits: Number(digits), maximumFractionDigits: Number(digits) };
    const text = size.toLocaleString("en", { useGrouping, ...places });
    const after = { percent: "%", share: "%", points: " points" }[unit] ?? "";
    return `${value < 0 && /[1-9]/.test(text) ? "\u2212" : ""}${unit === "dollars" ? "$" : ""}${text}${after}`;
  };

  const range = (place, input) => ({
    first: Number(place.dataset.first),
    value: () => Number(input.value),
    show: (value) => {
      if (Number(input.value) !== value) input.value = value;
      const words = say(value, place.dataset);
      place.querySelector(".control-value").textContent = words;
      input.setAttribute("aria-valuetext", words);
    },
    read: (text) => {
      const value = text.trim() === "" ? NaN : Number(text);
      const { min, max, step } = input;
      if (!(value >= Number(min) && value <= Number(max)))
        return { fault: `goes from ${say(Number(min), place.dataset)} to ${say(Number(max), place.dataset)}` };
      const steps = (value - min) / step;
      if (Math.abs(steps - Math.round(steps)) > 1e-6) return { fault: `goes in steps of ${step}` };
      return { value };
    },
  });

  const list = (place, select) => {
    const values = [...select.options].map(({ value, dataset }) => ("number" in dataset ? Number(value) : value));
    const places = new Map(values.map((value, i) => [String(value), i]));
    const published = [...select.options].find((option) => option.defaultSelected);
    const words = published.textContent;
    return {
      first: values[published.index],
      value: () => values[select.selectedIndex],
      show: (value) => {
        select.selectedIndex = places.get(String(value)) ?? -1;
        // Who has chosen otherwise is told in the list which choice was published.
        published.textContent = published.selected ? words : `${words} (published)`;
      },
      read: (text) => (places.has(text) ? { value: values[places.get(text)] } : { fault: "has no such choice" }),
    };
  };

  const chips = (place) => {
    const every = [...place.querySelectorAll(".chip")];
    let left = place.dataset.first;
    const digits = (kept) => [...kept].sort().join("");
    for (const chip of every)
      chip.addEventListener("click", () => {
        const kept = new Set(left);
        if (!kept.delete(chip.value)) kept.add(chip.value);
        left = digits(kept);
        place.dispatchEvent(new Event("input", { bubbles: true }));
      });
    return {
      first: place.dataset.first,
      value: () => left,
      show: (value) => {
        left = value;
        for (const chip of every) chip.setAttribute("aria-pressed", !value.includes(chip.value));
      },
      read: (text) => {
        const known = [...text].every((one) => place.dataset.first.includes(one));
        return known && digits(new Set(text)) === text ? { value: text } : { fault: "has no such choices" };
      },
    };
  };

  window.makeControls = (figure, view) => {
    const { asked, having, keep } = window.bookAddress;
    const form = figure.querySelector("form.controls");
    const [back, fault] = ["button[type=reset]", ".controls-fault"].map((part) => form.querySelector(part));
    const controls = new Map([...form.querySelectorAll("[data-signal]")].map((place) => {
      const [input, select] = [place.querySelector("input"), place.querySelector("select")];
      return [place.dataset.signal, input ? range(place, input) : select ? list(place, select) : chips(place)];
    }));
    const label = (name) => form.querySelector(`[data-signal="${name}"] .control-name`).textContent;

    /* What differs from the published state, as it stands in the address. */
    const moved = () => Object.fromEntries(
      [...controls].filter(([name, { first }]) => view.signal(name) !== first).map(([name]) => [name, `${view.signal(name)}`]),
    );
    let told; // what the address has to hold as soon as the reader rests
    const rest = () => {
      clearTimeout(told);
      told = setTimeout(() => keep(figure.id, moved()), PAUSE);
    };
    const mark = () => {
      const any = Object.keys(moved()).length > 0;
      figure.toggleAttribute("data-moved", any);
      back.disabled = !any;
    };
    for (const [name, { show }] of controls)
      view.addSignalListener(name, (_, value) => { show(value); mark(); });
    const set = (settings) => {
      for (const [name, value] of Object.entries(settings)) view.signal(name, value);
      return view.runAsync();
    };
    const published = () => Object.fromEntries([...controls].map(([name, { first }]) => [name, first]));

    form.addEventListener("input", ({ target }) => {
      const name = target.closest("[data-signal]").dataset.signal;
      fault.textContent = "";
      rest();
      set({ [name]: controls.get(name).value() });
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", (event) => {
      event.preventDefault();
      fault.textContent = "";
      clearTimeout(told);
      set(published()).then(() => keep(figure.id, {}));
    });

    /* Take over what the address asks; what it asks wrongly is left as published, and named. */
    const restore = () => {
      const settings = published();
      const faults = [];
      for (const [name, text] of asked(figure.id)) {
        const { value, fault: why } = controls.get(name)?.read(text) ?? { fault: "is no control of this figure" };
        if (why) faults.push(`\u201c${controls.has(name) ? label(name) : name}\u201d ${why}, not \u201c${text}\u201d`);
        else settings[name] = value;
      }
      fault.textContent = faults.length ? `The address asks for what cannot be set: ${faults.join("; ")}. That is left as published.` : "";
      return set(settings);
    };
    addEventListener("popstate", () => { clearTimeout(told); restore(); });
    figure.settings = moved;
    figure.address = () => having(figure.id, moved());
    return restore();
  };
})();
