/* Live figures: the chart is drawn when it comes near the screen; until then, and in print, the drawing stands.
   The chart says its answer in a text mark named "readout"; here it becomes a sentence that is read aloud. */
(() => {
  const bundle = new URL("vega-bundle.js", document.currentScript.src).href;
  let loading;
  const vega = () =>
    (loading ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = bundle;
      script.onload = () => resolve(window.vegaEmbed);
      script.onerror = () => reject(new Error("the chart library did not load"));
      document.head.append(script);
    }));

  const sayAnswer = (figure, chart) => {
    const output = document.createElement("output");
    output.className = "readout";
    output.setAttribute("aria-live", "polite");
    figure.querySelector(".drawing").before(output);
    const update = () => {
      const words = [...chart.querySelectorAll(".readout_marks text")].map((text) => {
        const lines = [...text.querySelectorAll("tspan")];
        return lines.length ? lines.map((line) => line.textContent).join(" ") : text.textContent;
      });
      const sentence = words.join(" ").trim();
      if (output.textContent !== sentence) output.textContent = sentence;
    };
    new MutationObserver(update).observe(chart, { childList: true, subtree: true, characterData: true });
    update();
  };

  const labelControls = (figure, chart) => {
    const form = chart.querySelector(".vega-bindings");
    if (!form) return;
    figure.querySelector(".drawing").before(form);
    form.setAttribute("aria-label", `What you assume: ${chart.dataset.label}`);
    for (const radios of form.querySelectorAll(".vega-bind-radio")) radios.setAttribute("role", "group");
  };

  const draw = async (figure) => {
    const chart = figure.querySelector(".chart");
    const spec = JSON.parse(figure.querySelector(".chart-spec").textContent);
    try {
      const embed = await vega();
      chart.hidden = false;
      const { view } = await embed(chart, spec, {
        actions: false, ast: true, defaultStyle: false, renderer: "svg", tooltip: { theme: "custom" },
      });
      figure.querySelector(".drawing").hidden = true;
      labelControls(figure, chart);
      sayAnswer(figure, chart);
      const svg = chart.querySelector("svg");
      svg.setAttribute("role", "img");
      for (const part of svg.children) part.setAttribute("aria-hidden", "true"); // the label speaks for all of it
      svg.setAttribute("aria-label", figure.querySelector(".drawing svg").getAttribute("aria-label"));
      figure.dataset.state = "live";
      figure.view = view;
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
