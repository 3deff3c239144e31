/* Python in a worker for the boxes of a page: one worker, loaded on the first press, ended by Stop or when it idles.
   The page stays usable while it runs. One box runs at a time; one that is pressed meanwhile says so and waits. */
const WORKER = new URL("python-worker.js", import.meta.url);
const IDLE = 5 * 60 * 1000; // after that long without a press the memory is given back
const OTHER = "Another box of this page is running. This one begins when that one is done.";
const STOPPED = "Stopped.";
let worker;
let waiting; // who waits for the worker's answer
let idle;
let memory = 0; // bytes that Python holds; it gives none back while it runs
let running = false; // whether a box has its turn
const row = []; // the boxes that wait for theirs

/* Ends the worker; whoever waits for its answer is told why. */
const end = (why) => {
  worker?.terminate();
  worker = undefined;
  memory = 0;
  clearTimeout(idle);
  waiting?.(new Error(why));
  waiting = undefined;
  dispatchEvent(new Event("python-changed"));
};
const ask = (order, tell) =>
  new Promise((resolve, reject) => {
    clearTimeout(idle);
    waiting = reject;
    worker ??= new Worker(WORKER, { type: "module" });
    worker.onerror = (event) => end(`Python could not be loaded: ${event.message || "the file is missing"}`);
    worker.onmessage = ({ data }) => {
      if (data.done === undefined && data.error === undefined) return tell(data);
      waiting = undefined;
      idle = setTimeout(end, IDLE);
      if (data.error !== undefined) return reject(new Error(data.error));
      memory = data.memory;
      resolve(data.done);
    };
    worker.postMessage(order);
  });
/* A box's turn: at once, or when those before it are done; `leave` takes a box that waits out of the row. */
const turn = () => {
  const place = {};
  place.begins = new Promise((begin, refuse) => {
    place.begin = begin;
    place.leave = () => {
      if (row.includes(place)) row.splice(row.indexOf(place), 1);
      refuse(new Error(STOPPED));
    };
  });
  if (running) row.push(place);
  else place.begin();
  running = true;
  return place;
};
const next = () => {
  const place = row.shift();
  running = place !== undefined;
  place?.begin();
  dispatchEvent(new Event("python-changed"));
};
addEventListener("pagehide", () => {
  for (const place of [...row]) place.leave();
  end(STOPPED);
});

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
    output.textContent = text;
    offer();
  };
  /* A box that has run offers the memory, but not while another needs it. */
  const offer = () => {
    free.hidden = running || !worker || !["done", "failed"].includes(box.dataset.state);
    if (memory) free.textContent = `Free the memory (${megabytes(memory)} MB)`;
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
  let place; // of this box in the row, while it waits
  run.addEventListener("click", async () => {
    progress.value = 0;
    place = turn();
    show("busy", row.includes(place) ? OTHER : "Loading Python…");
    try {
      await place.begins;
      place = undefined;
      say("Loading Python…");
      dispatchEvent(new Event("python-changed"));
    } catch (error) {
      return show("failed", error.message);
    }
    try {
      show("done", await work((order) => ask(placed(order, box.dataset.up), tell)));
    } catch (error) {
      show("failed", error.message);
    } finally {
      next();
    }
  });
  stop.addEventListener("click", () => (place ? place.leave() : end(STOPPED)));
  free.addEventListener("click", () => {
    end();
    output.textContent = "The memory was given back. The files stay with the browser for the next time.";
  });
  addEventListener("python-changed", offer);
  show("idle", first);
};
