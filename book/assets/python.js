/* Python in a worker for the boxes of a page: one worker, loaded on the first press, ended by Stop or when it idles.
   The page stays usable while it runs. */
const WORKER = new URL("python-worker.js", import.meta.url);
const IDLE = 5 * 60 * 1000; // after that long without a press the memory is given back
let worker;
let waiting; // who waits for the worker's answer
let idle;
let memory = 0; // bytes that Python holds; it gives none back while it runs

const end = () => {
  worker?.terminate();
  worker = undefined;
  memory = 0;
  clearTimeout(idle);
  dispatchEvent(new Event("python-ended"));
};
const ask = (order, tell) =>
  new Promise((resolve, reject) => {
    clearTimeout(idle);
    waiting = reject;
    worker ??= new Worker(WORKER, { type: "module" });
    worker.onerror = (event) => {
      end();
      reject(new Error(`Python could not be loaded: ${event.message || "the file is missing"}`));
    };
    worker.onmessage = ({ data }) => {
      if (data.done !== undefined || data.error !== undefined) idle = setTimeout(end, IDLE);
      if (data.error !== undefined) reject(new Error(data.error));
      else if (data.done !== undefined) {
        memory = data.memory;
        resolve(data.done);
      }
      else tell(data);
    };
    worker.postMessage(order);
  });
addEventListener("pagehide", end);

const megabytes = (bytes) => Math.round(bytes / 1e6);
/* Says where on this site an order finds its files. */
const placed = (order, up) => {
  return { ...order, base: new URL(`${up}_static/runtime/`, document.baseURI).href };
};

/* The buttons, the bar and the line of words of a box. `work` is given a function that asks Python, and says at the
   end what the reader shall read. */
export const controls = (box, work) => {
  const find = (name) => box.querySelector(`.bench-${name}`);
  const run = find("run");
  if (!run || location.protocol === "file:") return;
  const [stop, free, progress, output] = ["stop", "free", "progress", "output"].map(find);
  const first = output.textContent;
  const show = (state, text) => {
    box.dataset.state = state;
    const busy = state === "busy";
    run.disabled = busy;
    stop.hidden = progress.hidden = !busy;
    free.hidden = busy || !worker;
    if (memory) free.textContent = `Free the memory (${megabytes(memory)} MB)`;
    output.textContent = text;
  };
  /* Said only when it changes: a screen reader reads every change aloud. */
  const say = (text) => {
    if (output.textContent !== text) output.textContent = text;
  };
  const tell = ({ moved, total, here, running, of }) => {
    progress.value = moved === undefined ? (of ? running / of : 0) : moved / total;
    if (moved === undefined) say(of ? `Running: ${running} of ${of} statements.` : "Running…");
    else if (moved < total) say(`Loading Python: ${megabytes(moved)} of ${megabytes(total)} MB${here.length ? `; here: ${here.join(", ")}` : ""}.`);
    else say("Starting Python…");
  };
  run.addEventListener("click", async () => {
    progress.value = 0;
    show("busy", "Loading Python…");
    try {
      show("done", await work((order) => ask(placed(order, box.dataset.up), tell)));
    } catch (error) {
      show("failed", error.message);
    }
  });
  stop.addEventListener("click", () => {
    end();
    waiting?.(new Error("Stopped."));
  });
  free.addEventListener("click", () => {
    end();
    output.textContent = "The memory was given back. The files stay with the browser for the next time.";
  });
  addEventListener("python-ended", () => (free.hidden = true));
  show("idle", first);
};
