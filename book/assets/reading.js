// The switch "Show code" works without script; here it is remembered from page to page.
addEventListener("DOMContentLoaded", () => {
  const root = document.documentElement.dataset;
  const code = document.getElementById("show-code");
  if (!code) return;
  code.checked = root.code === "shown";
  code.addEventListener("change", () => {
    if (code.checked) root.code = "shown";
    else delete root.code;
    if (code.checked) localStorage.setItem("code", "shown");
    else localStorage.removeItem("code");
  });
});

// A link to a folded section opens it; all folds are open while a page is printed.
{
  const openTarget = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const own = target?.matches("section > span:empty") ? target.parentElement : target; // a label of the section
    const folds = own?.matches("section") ? [...own.querySelectorAll(":scope > details.fold")] : [];
    for (let fold = own?.closest("details"); fold; fold = fold.parentElement.closest("details")) folds.push(fold);
    for (const fold of folds) fold.open = true;
    if (folds.length) target.scrollIntoView();
  };
  addEventListener("DOMContentLoaded", openTarget);
  addEventListener("hashchange", openTarget);
  addEventListener("click", ({ target }) => {
    const link = target.closest?.("a[href*='#']");
    if (link?.hash && link.hash === location.hash) openTarget(); // pressed again, the address does not change
  });
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details.fold:not([open])")];
    for (const fold of closed) fold.open = true;
  });
  addEventListener("afterprint", () => {
    for (const fold of closed) fold.open = false;
  });
}
