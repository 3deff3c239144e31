/* The bench: Python in a worker, loaded on the first press; the page stays usable and can stop it. */
(() => {
  const worker = new URL("bench-worker.js", document.currentScript.src).href;
  for (const bench of document.querySelectorAll(".bench")) {
    const run = bench.querySelector(".bench-run");
    if (!run) continue;
    const stop = bench.querySelector(".bench-stop");
    const progress = bench.querySelector(".bench-progress");
    const output = bench.querySelector(".bench-output");
    const absolute = (address) => new URL(address, document.baseURI).href;
    if (location.protocol === "file:") {
      output.textContent = "From the disk a browser may not start Python. Serve the folder (python3 -m http.server) or use the command below.";
      continue;
    }
    run.disabled = false;
    output.textContent = "The first press loads Python itself (about 6 MB); later ones are quick.";
    let python;

    const idle = (text) => {
      output.textContent = text;
      run.disabled = false;
      stop.hidden = progress.hidden = true;
    };
    const compare = (result) => {
      const published = Number.parseFloat(bench.dataset.published);
      if (Number.isNaN(published) || typeof result !== "number") return "";
      const same = Math.abs(result - published) <= Number(bench.dataset.tolerance) + 1e-6 * Math.abs(published);
      return `\nHere ${result}, published ${published}: ${same ? "the same" : "different"}.`;
    };
    const start = () => {
      python = new Worker(worker, { type: "module" });
      python.onerror = (event) => idle(`Python could not be loaded: ${event.message || "the file is missing"}`);
      python.onmessage = ({ data }) => {
        if (data.loaded !== undefined) {
          progress.value = data.loaded;
          output.textContent = data.loaded < 1 ? "Loading Python…" : "Running…";
        } else if (data.error !== undefined) idle(data.error);
        else idle((data.printed + compare(data.result)).trim());
      };
    };
    run.addEventListener("click", () => {
      if (!python) start();
      run.disabled = true;
      stop.hidden = progress.hidden = false;
      output.textContent = "Loading Python…";
      python.postMessage({
        base: absolute(bench.dataset.bench), tables: absolute(bench.dataset.tables),
        job: JSON.parse(bench.dataset.job), script: bench.querySelector(".bench-script").value,
      });
    });
    stop.addEventListener("click", () => {
      python?.terminate();
      python = undefined;
      idle("Stopped.");
    });
  }
})();
