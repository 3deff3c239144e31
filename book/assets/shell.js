// A page opened from disk may not fetch its neighbours, so search lists titles without excerpts there.
if (location.protocol === "file:") {
  DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
  document.documentElement.classList.add("from-disk");
}

// Whatever scrolls sideways can be reached by keyboard and says what it is.
addEventListener("load", () => {
  const kinds = {
    Table: ".cell_output .output.text_html, .pst-scrollable-table-container, .table-scroll, .data-dictionary",
    Formula: "div.math",
    Drawing: "figure .drawing",
    Code: "div.highlight pre",
  };
  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) {
        target.tabIndex = 0;
        target.setAttribute("role", "region");
        target.setAttribute("aria-label", target.dataset.scroller);
      } else {
        for (const name of ["tabindex", "role", "aria-label"]) target.removeAttribute(name);
      }
    }
  });
  for (const [kind, selector] of Object.entries(kinds)) {
    document.querySelectorAll(selector).forEach((element, index) => {
      if (element.hasAttribute("aria-label")) return;
      element.dataset.scroller = `${kind} ${index + 1}, scrolls sideways`;
      observer.observe(element);
    });
  }
});

// What a reader may open is loaded when it is opened: the controls that bend a rule, what a figure is used for,
// what a number rests on.
{
  const { loadScript: load } = window;
  const whenOpened = (selector, begin, already = false) => {
    for (const details of document.querySelectorAll(selector)) {
      if (already) details.open = true;
      if (details.open) begin(details);
      else details.addEventListener("toggle", () => begin(details), { once: true });
    }
  };
  const bend = (details) =>
    load("verdict.js").then(() => load("bend.js")).then(() => window.bendTheRule(details));
  whenOpened("details.bend", bend, window.bookAddress.asked("rule").size > 0);
  whenOpened("details.use", (details) => load("use.js").then(() => window.useFigure(details)));
  // Modules cannot be loaded from a disk, and neither can what they would run.
  if (location.protocol !== "file:") {
    // Most readers pass a box by: its script comes when a pointer or the keyboard is in it; a press meanwhile counts.
    for (const touch of ["pointerover", "focusin", "click"]) addEventListener(touch, ({ target }) => {
      const box = target.closest?.(".bench:not([data-state])");
      const run = touch === "click" && target.closest?.(".bench-run");
      if (box) import(box.matches(".run-here") ? "./bench.js" : "./verify.js").then(
        () => run && run.click(),
        () => run && box.querySelector("output").replaceChildren("It did not load; load the page again."));
    });
    for (const run of document.querySelectorAll(".bench-run")) run.disabled = false;
  }
  // With a key held, or in a browser that is too old, the link of a number is a link.
  addEventListener("click", (event) => {
    const door = event.target.closest?.("a.door");
    const asks = event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (!door || asks || !HTMLElement.prototype.showPopover) return;
    event.preventDefault();
    load("doors.js").then(() => window.openDoor(door), () => { location.href = door.href; });
  });
}
