// A page opened from disk may not fetch its neighbours, so search lists titles without excerpts there.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

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
