/* Python in a worker: loads the runtime that was published with the book, then runs chapters or scripts.
   Where the server sends none, a worker has no content policy, so the pages' need not allow what Python needs; this
   one holds itself to its own host, and to one way of asking it. */
for (const other of ["XMLHttpRequest", "WebSocket", "EventSource", "WebTransport"]) self[other] = undefined;
const KEPT = "compendium-runtime";
const OWN = self.location.origin;
const plainFetch = self.fetch.bind(self);
const served = new Map(); // what Pyodide asks for, unpacked before
let python;
const loaded = new Set();
let total = 0;
let moved = 0;
let here = []; // the parts that have arrived

const own = (address) => {
  const url = new URL(address, self.location.href);
  if (url.origin !== OWN) throw new Error(`${url.host} is not the host of this book`);
  return url.href;
};
const tell = (message) => postMessage(message);

/* Files of the runtime are named with their digest and kept by the browser: they move once, and serve offline. */
const opened = async () => (self.caches ? caches.open(KEPT).catch(() => null) : null);
const named = (address, digest) => `${address}?${digest.slice(0, 16)}`;
const keep = (store, address, content) => store?.put(address, new Response(content)).catch(() => null);
const kept = async (address) => {
  const store = await opened();
  const found = await store?.match(address);
  if (found) return { answer: found };
  const answer = await plainFetch(own(address));
  if (!answer.ok) throw new Error(`${address} is missing (${answer.status})`);
  return { answer, store };
};
const counted = async (response) => {
  const chunks = [];
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    moved += value.byteLength;
    tell({ moved, total, here });
  }
  return new Blob(chunks);
};
const part = async (base, name, { sha256 }) => {
  const address = named(`${base}${name}`, sha256);
  const { answer, store } = await kept(address);
  const blob = await counted(answer);
  here.push(name.replace(/\.(zip|bin)$/, ""));
  await keep(store, address, blob);
  if (!name.endsWith(".bin")) return blob.arrayBuffer();
  return unpacked(blob);
};
const unpacked = (blob) => new Response(blob.stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
/* The list of all files may change with the next edition: the network first, what was kept if there is none. */
const file = async (address) => {
  const store = await opened();
  const answer = await plainFetch(own(address), { cache: "no-cache" }).catch(() => store?.match(address));
  if (!answer?.ok) throw new Error(`${address} is missing`);
  const blob = await answer.blob();
  await keep(store, address, blob);
  return blob;
};
/* A published file, sent packed: what is unpacked is what was published, or the reader is told. */
const published = async ({ base }, { files }, path) => {
  const address = named(`${base}files/${path}.bin`, files[path]);
  const { answer, store } = await kept(address);
  const blob = await answer.blob();
  const content = await unpacked(blob);
  const digest = await self.crypto.subtle?.digest("SHA-256", content); // which a page without encryption has not
  const found = digest && [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  if (found && found !== files[path]) throw new Error(`${path} is not the file that was published; load the page again`);
  await keep(store, address, blob);
  return new Uint8Array(content);
};

self.fetch = async (address) => {
  const name = own(address.url ?? address).split("/").at(-1);
  if (!served.has(name)) throw new Error(`${name} is no file of the runtime`);
  const [content, type] = served.get(name);
  served.delete(name);
  return new Response(content, { headers: { "content-type": type } });
};
const script = (content) => URL.createObjectURL(new Blob([content], { type: "text/javascript" }));

const forgetOld = async (base, { parts, files }) => {
  const store = await opened();
  const now = new Set([
    ...Object.entries(parts).map(([name, { sha256 }]) => named(`${base}${name}`, sha256)),
    ...Object.entries(files).map(([path, digest]) => named(`${base}files/${path}.bin`, digest)),
  ]);
  for (const request of (await store?.keys()) ?? [])
    if (request.url.startsWith(base) && request.url.includes("?") && !now.has(request.url)) await store.delete(request);
};

const CORE = ["pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip"];
const start = async (base, { info, parts }) => {
  const files = await Promise.all(CORE.map((name) => part(base, `${name}.bin`, parts[`${name}.bin`])));
  served.set(CORE[2], [files[2], "application/wasm"]).set(CORE[3], [files[3], "application/zip"]);
  const { loadPyodide } = await import(script(files[0]));
  const { default: createPyodideModule } = await import(script(files[1]));
  python = await loadPyodide({
    indexURL: base, createPyodideModule, lockFileContents: { info, packages: {} },
    env: { HOME: "/home/pyodide", COMPENDIUM_DATA: "/book/data", COMPENDIUM_WORKERS: "1", PYTHONHASHSEED: "0" },
  });
  python.FS.mkdirTree("/book/data");
  python.runPython("import sys; sys.path.insert(0, '/book/book')");
};
const lay = (path, content) => {
  python.FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
  python.FS.writeFile(path, content);
};

/* As in a fresh kernel: nothing that the package remembers outlives a run. */
const FRESH = `
for name in [name for name in sys.modules if name.partition(".")[0] == "compendium"]:
    del sys.modules[name]
`;

onmessage = async ({ data: order }) => {
  try {
    const manifest = JSON.parse(await (await file(`${order.base}parts.json`)).text());
    const wanted = ["book.zip", ...order.needs.map((name) => `${name}.zip`)].filter((name) => !loaded.has(name));
    moved = 0;
    here = [];
    total = [...(python ? [] : CORE.map((name) => `${name}.bin`)), ...wanted].reduce((sum, name) => sum + manifest.parts[name].bytes, 0);
    const waiting = Promise.all(wanted.map(async (name) => [name, await part(order.base, name, manifest.parts[name])]));
    if (!python) {
      await forgetOld(order.base, manifest);
      await start(order.base, manifest);
    }
    for (const [name, content] of await waiting) {
      python.unpackArchive(content, "zip", name === "book.zip" ? { extractDir: "/book" } : {});
      loaded.add(name);
    }
    await Promise.all(order.files.map(async (path) => lay(`/book/${path}`, await published(order, manifest, path))));
    tell({ running: 0, of: 0 });
    python.runPython(FRESH);
    const answer = python.pyimport(order.call)(JSON.stringify(order.job), (done, of) => tell({ running: done, of }));
    tell({ done: JSON.parse(answer), memory: python._module.HEAPU8.length });
  } catch (error) {
    tell({ error: String(error.message ?? error).trim().split("\n").at(-1) });
  }
};
