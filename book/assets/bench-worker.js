/* Runs one script after the other in Pyodide's core; reports how far loading has come. */
const SIZE = 14.5e6; // bytes of the core, unpacked, roughly: only for the progress bar
let python;
let read = 0;

const report = (bytes) => {
  read += bytes;
  postMessage({ loaded: Math.min(0.99, read / SIZE) });
};
const plainFetch = self.fetch.bind(self);
self.fetch = async (...request) => {
  const answer = await plainFetch(...request);
  if (!answer.ok || !answer.body) return answer;
  const counted = answer.body.pipeThrough(
    new TransformStream({ transform(chunk, next) { report(chunk.byteLength); next.enqueue(chunk); } }),
  );
  return new Response(counted, { status: answer.status, headers: answer.headers });
};

const text = async (address) => {
  const answer = await plainFetch(address);
  if (!answer.ok) throw new Error(`${address} is missing`);
  return answer.text();
};

const load = async (base) => {
  const { loadPyodide } = await import(`${base}pyodide.mjs`);
  return loadPyodide({ indexURL: base });
};

const PREPARE = `
import csv, io, sys
sys.path.insert(0, "/home/pyodide")
DATA = {name: list(csv.DictReader(io.StringIO(content))) for name, content in TABLES.items()}
_printed = io.StringIO()
sys.stdout = _printed
result = None
`;

onmessage = async ({ data: { base, tables, job, script } }) => {
  try {
    python ??= await load(base);
    python.FS.mkdirTree("/home/pyodide/compendium");
    for (const name of ["__init__", ...job.modules])
      python.FS.writeFile(`/home/pyodide/compendium/${name}.py`, await text(`${base}compendium/${name}.py`));
    const content = {};
    for (const [name, path] of Object.entries(job.tables)) content[name] = await text(`${tables}${path}`);
    postMessage({ loaded: 1 });
    const names = python.toPy({ TABLES: content });
    python.runPython(PREPARE, { globals: names });
    python.runPython(script, { globals: names });
    const result = names.get("result");
    postMessage({ printed: python.runPython("_printed.getvalue()", { globals: names }), result: result ?? null });
  } catch (error) {
    const lines = String(error.message ?? error).trim().split("\n");
    postMessage({ error: lines.at(-1) });
  }
};
