/* The rows of a table: searched, sorted, and led to by address. The first rows stand in the page; the others come in
   pieces when a reader searches, sorts or goes on, or when the address names a row. Without script: the first rows. */
addEventListener("DOMContentLoaded", () => {
  const table = document.querySelector("table.rows");
  if (!table) return;
  const STEP = 50;
  const form = document.querySelector(".rows-tools");
  const more = document.querySelector(".rows-more");
  const heads = [...table.tHead.rows[0].cells];
  const count = Number(table.dataset.rows).toLocaleString("en");
  const all = [...table.tBodies[0].rows].map((row) => [row.id, ...[...row.cells].map((cell) => cell.textContent)]);
  let shown = all;
  let from = 0;
  let order = null;
  let whole;

  window.tableRows = (rows) => all.push(...rows);
  const load = (number) =>
    new Promise((resolve, reject) => {
      const piece = document.createElement("script");
      piece.src = `${table.dataset.from}${number}.js`;
      piece.async = false; // in the order of the table
      piece.onload = resolve;
      piece.onerror = () => reject(new Error(`rows ${piece.src} could not be loaded`));
      document.head.append(piece);
    });
  const loadAll = () => {
    if (!whole) {
      const numbers = Array.from({ length: Number(table.dataset.pieces) }, (_, at) => at + 1);
      if (numbers.length) say("Loading the other rows …");
      whole = Promise.all(numbers.map(load)).catch((error) => {
        whole = undefined;
        say("The other rows could not be loaded. Try again, or download the file.");
        throw error;
      });
    }
    return whole;
  };
  const say = (words) => {
    form.querySelector(".rows-count").textContent = words;
  };

  const draw = (aimed) => {
    const body = document.createElement("tbody");
    for (const [id, ...cells] of shown.slice(from, from + STEP)) {
      const row = body.insertRow();
      row.id = id;
      row.className = id === aimed ? "aimed" : "";
      for (const cell of cells) row.insertCell().textContent = cell;
      heads.forEach((head, at) => "number" in head.dataset && row.cells[at].classList.add("number"));
    }
    table.tBodies[0].replaceWith(body);
    const last = Math.min(from + STEP, shown.length);
    const which = shown.length > STEP ? `Rows ${(from + 1).toLocaleString("en")} to ${last.toLocaleString("en")} of ` : "";
    const found = shown.length.toLocaleString("en");
    say(shown.length === all.length ? `${which}${count} rows` : `${which}${found} found of ${count} rows`);
    const [before, after] = more.querySelectorAll("button");
    before.disabled = from === 0;
    after.disabled = last >= shown.length && all.length >= Number(table.dataset.rows);
    more.hidden = before.disabled && after.disabled;
  };
  const apply = () => {
    const wanted = form.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean);
    shown = all.filter((row) => {
      const text = row.slice(1).join("\n").toLowerCase();
      return wanted.every((word) => text.includes(word));
    });
    if (order) shown.sort(order);
    from = 0;
    draw();
  };

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => loadAll().then(apply, () => {}));
  for (const button of more.querySelectorAll("button")) {
    button.addEventListener("click", () =>
      loadAll().then(() => {
        from = Math.max(0, Math.min(from + STEP * Number(button.dataset.step), shown.length - 1));
        draw();
        table.scrollIntoView({ block: "start" });
      }, () => {}),
    );
  }
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () =>
      loadAll().then(() => {
        const up = head.getAttribute("aria-sort") !== "ascending";
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        const sign = up ? 1 : -1;
        const differ = "number" in head.dataset
          ? (a, b) => a - b
          : (a, b) => a.localeCompare(b, "en", { numeric: true });
        // What is empty comes last, whichever way the others run.
        order = ([, ...one], [, ...two]) =>
          (one[column] === "") - (two[column] === "") || sign * differ(one[column], two[column]);
        apply();
      }, () => {}),
    );
  });

  const aim = async () => {
    const id = decodeURIComponent(location.hash.slice(1));
    if (!id.startsWith("row-")) return;
    if (!all.some((row) => row[0] === id)) await loadAll();
    form.elements.words.value = "";
    shown = order ? [...all].sort(order) : all;
    const at = shown.findIndex((row) => row[0] === id);
    if (at < 0) return;
    from = Math.floor(at / STEP) * STEP;
    draw(id);
    document.getElementById(id).scrollIntoView({ block: "center" });
  };
  addEventListener("hashchange", () => aim().catch(() => {}));
  draw();
  aim().catch(() => {});
});
