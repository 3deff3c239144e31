/* Where a browser keeps nothing (cookies blocked, a sandboxed frame), reading `localStorage` throws, and with it
   whatever script reads it. A store that lasts as long as the page takes its place; nothing is remembered. */
for (const name of ["localStorage", "sessionStorage"]) {
  try {
    window[name].setItem("probe", "");
    window[name].removeItem("probe");
  } catch {
    const kept = new Map();
    const store = {
      getItem: (key) => kept.get(String(key)) ?? null,
      setItem: (key, value) => void kept.set(String(key), String(value)),
      removeItem: (key) => void kept.delete(String(key)),
      clear: () => kept.clear(),
      key: (index) => [...kept.keys()][index] ?? null,
      get length() { return kept.size; },
    };
    Object.defineProperty(window, name, { configurable: true, value: store });
  }
}
