/* Live figures: the chart is drawn when it comes near the screen; until then, and in print, the drawing stands.
   The chart says its answer in a text mark named "readout"; here it becomes a sentence that is read aloud. */
(() => {
  const load = window.loadScript;

  const sayAnswer = (figure, chart, drawn) => {
    const output = figure.querySelector("output.readout");
    const as = figure.querySelector(".drawing svg").getAttribute("aria-label");
    const update = () => {
      const words = [...chart.querySelectorAll(".readout_marks text")].map((text) => {
        const lines = [...text.querySelectorAll("tspan")];
        return lines.length ? lines.map((line) => line.textContent).join(" ") : text.textContent;
      });
      const sentence = words.join(" ").trim();
      if (output.textContent !== sentence) output.textContent = sentence;
      const moved = figure.hasAttribute("data-moved");
      drawn.setAttribute("aria-label", moved ? `As you have it: ${sentence} As published: ${as}` : as);
    };
    new MutationObserver(update).observe(chart, { childList: true, subtree: true, characterData: true });
    new MutationObserver(update).observe(figure, { attributeFilter: ["data-moved"] });
    update();
  };

  /* What a mark has to say is shown where a mouse moves over it. So that every reader can read it, a tap is such a
     move over the mark under the finger or near it, and so is an arrow key on the focused chart; Escape or a tap
     elsewhere closes it. */
  const FINGER = 24; // half the width of a fingertip, in CSS pixels
  const saysMore = (mark) => mark?.__data__?.tooltip != null; // Vega keeps a mark's item on its element
  const make = (tag, properties, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };
  const tip = make("div", { id: "figure-tip", role: "status" });
  document.body.append(tip);
  let told;

  const showTip = (_, { clientX, clientY }, __, said) => {
    if (said == null || said === "") return tip.classList.remove("visible");
    const { title, ...rest } = typeof said === "object" ? said : { title: said };
    const rows = Object.entries(rest).map(([key, value]) =>
      make("tr", {}, make("td", { className: "key" }, key), make("td", { className: "value" }, value)));
    tip.replaceChildren(...(title == null ? [] : [make("p", {}, title)]), ...(rows.length ? [make("table", {}, ...rows)] : []));
    tip.classList.add("visible");
    const beside = (at, size, room) => Math.max(4, at + 10 + size > room ? at - 10 - size : at + 10);
    tip.style.left = `${beside(clientX, tip.offsetWidth, innerWidth)}px`;
    tip.style.top = `${beside(clientY, tip.offsetHeight, innerHeight)}px`;
  };

  const openTip = (mark, clientX, clientY) => {
    told = mark;
    mark.dispatchEvent(new PointerEvent("pointermove", { bubbles: true, clientX, clientY }));
  };
  const closeTip = () => {
    told?.dispatchEvent(new PointerEvent("pointerout", { bubbles: true }));
    told?.classList.remove("pointed-at");
    tip.classList.remove("visible"); // also where the mark is gone, or a mouse opened it
  };
  addEventListener("click", closeTip, { capture: true });
  addEventListener("touchmove", closeTip, { passive: true });
  addEventListener("keydown", ({ key }) => key === "Escape" && closeTip());

  // A mark may be thinner than a pixel: a bar of three models beside one of two thousand. Of bars and dots, whose box
  // is what is drawn, the nearest counts where no mark is hit.
  const boxNear = (chart, x, y) => {
    const away = ({ left, right, top, bottom }) => Math.hypot(Math.max(left - x, 0, x - right), Math.max(top - y, 0, y - bottom));
    const [reach, mark] = [...chart.querySelectorAll("svg *")]
      .filter((mark) => saysMore(mark) && ["rect", "symbol"].includes(mark.__data__.mark?.marktype))
      .map((mark) => [away(mark.getBoundingClientRect()), mark])
      .reduce((best, next) => (next[0] < best[0] ? next : best), [Infinity]);
    return reach <= FINGER ? mark : undefined;
  };
  const markNear = (chart, x, y) => {
    for (let reach = 0; reach <= FINGER; reach += FINGER / 4)
      for (let turn = 0; turn < 2 * Math.PI; turn += Math.PI / 4) {
        const mark = document.elementFromPoint(x + reach * Math.cos(turn), y + reach * Math.sin(turn));
        if (chart.contains(mark) && saysMore(mark)) return mark;
      }
    return boxNear(chart, x, y);
  };

  const tellMarks = (chart) => {
    const marks = () => [...chart.querySelectorAll("svg *")].filter(saysMore);
    if (!marks().length) return;
    chart.tabIndex = 0;
    chart.setAttribute("role", "group");
    chart.setAttribute("aria-label", `Marks of the chart, read by arrow keys: ${chart.dataset.label}`);
    chart.addEventListener("click", ({ clientX, clientY }) => {
      const mark = markNear(chart, clientX, clientY);
      if (mark) openTip(mark, clientX, clientY);
    });
    let place = -1;
    chart.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step || event.target !== chart) return;
      event.preventDefault();
      closeTip();
      const all = marks();
      place = place < 0 && step < 0 ? all.length - 1 : (place + step + all.length) % all.length;
      const mark = all[place];
      mark.scrollIntoView({ block: "nearest", inline: "nearest" });
      const { left, top, width, height } = mark.getBoundingClientRect();
      openTip(mark, left + width / 2, top + height / 2);
      mark.classList.add("pointed-at");
    });
    chart.addEventListener("blur", closeTip);
  };

  const draw = async (figure) => {
    const chart = figure.querySelector(".chart");
    const spec = JSON.parse(figure.querySelector(".chart-spec").textContent);
    try {
      const verdict = figure.querySelector(".living script");
      const { chips, chance, counts } = spec.usermeta ?? {};
      // Vega measures labels in the face of the page, which must be there first.
      const faces = ["13px", "bold 13px"].map((face) => document.fonts.load(`${face} "Compendium Label"`));
      const wanted = ["vega.js", "controls.js", verdict && "verdict.js", chance && "chance.js", counts && "counts.js"];
      await Promise.all([...wanted.filter(Boolean).map(load), Promise.allSettled(faces)]);
      chart.hidden = false;
      const { parse, View, expressionInterpreter: expr } = window.vega;
      const view = new View(parse(spec, null, { ast: true }), { renderer: "svg", container: chart, expr, tooltip: showTip });
      await view.runAsync();
      figure.querySelector(".drawing").hidden = true;
      const svg = chart.querySelector("svg");
      svg.setAttribute("role", "img");
      for (const part of svg.children) part.setAttribute("aria-hidden", "true"); // the label speaks for all of it
      sayAnswer(figure, chart, svg);
      if (verdict) window.verdicts.follow(figure, chart);
      const data = (part) => () => load(`figure-data/${figure.id}.js`).then(() => window.figureData[part]);
      if (counts) window.followCounts(figure, view, chips, counts, data("models"));
      if (chance) window.followChance(figure, view, chips, chance, data("chance"));
      await window.makeControls(figure, view);
      tellMarks(chart);
      figure.view = view;
      figure.dataset.state = "live";
    } catch (error) {
      chart.hidden = true;
      figure.querySelector(".drawing").hidden = false;
      figure.dataset.state = "failed";
      console.error(`${chart.dataset.figure}: ${error.message}`);
    }
  };

  const near = new IntersectionObserver((entries) => {
    for (const entry of entries)
      if (entry.isIntersecting) {
        near.unobserve(entry.target);
        draw(entry.target);
      }
  }, { rootMargin: "300px" });
  for (const figure of document.querySelectorAll("figure.live")) near.observe(figure);
})();
