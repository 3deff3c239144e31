/* The docket: a piece of a bar shows only its claims; a second press, or the button, shows all. */
(() => {
  const frame = document.getElementById("docket");
  const pieces = [...document.querySelectorAll(".front-bar a")];
  if (!frame || !pieces.length) return;
  const rows = [...frame.querySelectorAll("li[data-word]")];
  const told = frame.querySelector(".docket-told");
  let chosen = null;
  const show = (piece) => {
    chosen = piece === chosen ? null : piece;
    for (const other of pieces) other.setAttribute("aria-pressed", String(other === chosen));
    for (const row of rows) {
      row.hidden = chosen !== null && (row.dataset.side !== chosen.dataset.side || row.dataset.word !== chosen.dataset.word);
    }
    for (const section of frame.querySelectorAll("section.docket")) {
      section.hidden = ![...section.querySelectorAll("li[data-word]")].some((row) => !row.hidden);
    }
    told.hidden = chosen === null;
    const shown = rows.filter((row) => !row.hidden).length;
    told.firstElementChild.textContent = chosen === null ? "" : `${shown} of ${rows.length} claims: ${chosen.dataset.word}.`;
  };
  for (const piece of pieces) {
    piece.setAttribute("role", "button");
    piece.setAttribute("aria-pressed", "false");
    piece.addEventListener("click", (event) => {
      event.preventDefault();
      show(piece);
      // What a press has chosen may lie below the screen.
      if (chosen && told.getBoundingClientRect().bottom > innerHeight) told.scrollIntoView({ block: "start" });
    });
    piece.addEventListener("keydown", (event) => {
      if (event.key === " ") {
        event.preventDefault();
        piece.click();
      }
    });
  }
  told.querySelector("button").addEventListener("click", () => {
    const before = chosen;
    show(chosen);
    before.focus();
  });
})();
