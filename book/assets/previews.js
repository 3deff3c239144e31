/* Pointing at a citation or a term, or coming to it by key, shows what it means; the link leads there without script.
   What is shown can be pointed at too, and goes with Escape or when both are left. */
addEventListener("DOMContentLoaded", () => {
  const links = document.querySelectorAll("a[data-preview]");
  if (!links.length || !HTMLElement.prototype.showPopover) return;
  const preview = document.createElement("div");
  preview.id = "preview";
  preview.popover = "manual";
  preview.setAttribute("role", "tooltip");
  document.body.append(preview);
  let shownFor, leaving;

  const hide = () => {
    clearTimeout(leaving);
    shownFor?.removeAttribute("aria-describedby");
    shownFor = undefined;
    if (preview.matches(":popover-open")) preview.hidePopover();
  };
  const show = (link) => {
    if (shownFor === link) return clearTimeout(leaving);
    hide();
    shownFor = link;
    preview.textContent = link.dataset.preview;
    link.setAttribute("aria-describedby", preview.id);
    preview.showPopover();
    place();
  };
  const place = () => {
    if (!shownFor) return;
    const at = shownFor.getClientRects()[0];
    const { width, height } = preview.getBoundingClientRect();
    const below = at.bottom + 6;
    preview.style.left = `${Math.max(8, Math.min(at.left, document.documentElement.clientWidth - width - 8))}px`;
    preview.style.top = `${below + height > innerHeight ? Math.max(8, at.top - height - 6) : below}px`;
  };
  const leave = () => {
    clearTimeout(leaving);
    leaving = setTimeout(hide, 250);
  };
  for (const link of links) {
    link.addEventListener("pointerenter", ({ pointerType }) => pointerType === "mouse" && show(link));
    link.addEventListener("pointerleave", leave);
    link.addEventListener("focus", () => link.matches(":focus-visible") && show(link));
    link.addEventListener("blur", hide);
  }
  preview.addEventListener("pointerenter", () => clearTimeout(leaving));
  preview.addEventListener("pointerleave", leave);
  addEventListener("keydown", ({ key }) => key === "Escape" && hide());
  addEventListener("scroll", place, { passive: true }); // coming to a link by key may scroll to it
});
