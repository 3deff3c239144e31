/* The ledger: filter by words, verdict, holder and part; sort by a column. Without scripts it is a plain table. */
(() => {
  for (const form of document.querySelectorAll(".ledger-filters")) {
    const table = form.parentElement.querySelector("table.ledger");
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const count = form.querySelector(".ledger-count");
    const apply = () => {
      const { words, verdict, holder, part } = Object.fromEntries(new FormData(form));
      const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !(
          (!verdict || row.dataset.verdict === verdict) && (!holder || row.dataset.holder === holder) &&
          (!part || row.dataset.part === part) && wanted.every((word) => text.includes(word))
        );
      }
      count.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} claims`;
    };
    form.addEventListener("input", apply);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.hidden = false;
    apply();

    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const up = head.getAttribute("aria-sort") !== "ascending";
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        const key = (row) => row.cells[column].textContent.trim();
        body.append(...[...rows].sort((a, b) => (up ? 1 : -1) * key(a).localeCompare(key(b), "en", { numeric: true })));
      });
    });
  }
})();
