/* A number that is pressed says in place what the page behind its link holds: what it is, what it rests on, what made
   it. `shell.js` loads this on the first press, and this the file of the chapter or claim. Escape and a press elsewhere
   close it; without script, or where the file cannot be loaded, the link leads to the page. */
(() => {
  const root = new URL("../", document.currentScript.src);
  const held = {};
  window.bookDoors = (name, doors) => { held[name] = doors; };
  const make = (tag, properties, ...inside) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...inside);
    return made;
  };
  const load = (name) =>
    held[name] || new Promise((resolve, reject) => {
      const script = make("script", { src: new URL(`_static/doors/${name}.js`, root).href });
      script.onload = () => resolve(held[name]);
      script.onerror = () => reject(new Error(`the numbers of ${name} could not be loaded`));
      document.head.append(script);
    });

  const panel = make("div", { id: "door", popover: "auto", tabIndex: -1 });
  panel.setAttribute("role", "dialog");
  document.body.append(panel);
  let opener;
  // Under the number or above it, where there is more room; on a phone at the foot, and the number above that.
  const place = () => {
    if (!opener || !panel.matches(":popover-open")) return;
    panel.removeAttribute("style");
    const at = opener.getClientRects()[0];
    const { width, height, top } = panel.getBoundingClientRect();
    if (innerWidth <= 576) return scrollBy({ top: Math.max(0, at.bottom - top + 16), behavior: "instant" });
    const [above, below] = [at.top - 16, innerHeight - at.bottom - 16];
    const tall = Math.min(height, Math.max(above, below));
    panel.style.maxHeight = `${tall}px`;
    panel.style.left = `${Math.max(8, Math.min(at.left, document.documentElement.clientWidth - width - 8))}px`;
    panel.style.top = `${height <= below || below >= above ? at.bottom + 8 : at.top - tall - 8}px`;
  };
  addEventListener("resize", place);
  const shut = () => {
    panel.hidePopover();
    opener.focus();
  };
  // The theme takes Escape for itself, so that the browser would not close the panel.
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    shut();
  });
  panel.addEventListener("beforetoggle", ({ newState }) => opener.setAttribute("aria-expanded", newState === "open"));

  const show = (link, key, name, doors) => {
    const number = doors.numbers[name];
    const close = make("button", { type: "button", className: "door-close", textContent: "Close" });
    close.addEventListener("click", shut);
    const rests = make("div", { innerHTML: doors.rests[number.rests] });
    for (const inner of rests.querySelectorAll("a")) inner.href = new URL(inner.getAttribute("href"), root).href;
    const unit = number.unit ? `, ${number.unit}` : "";
    const parts = [
      make("p", { className: "door-value" }, make("strong", { textContent: number.value }), close),
      make("p", {}, number.meaning.replace(/\.$/, ""), " (", make("code", { textContent: name }), `${unit})`),
    ];
    if (number.alternatives?.length) {
      const ways = number.alternatives.map(([words, value]) => make("li", { textContent: `${words}: ${value}` }));
      parts.push(make("p", { textContent: "Counted in other ways:" }), make("ul", {}, ...ways));
    } else if (number.alternatives) {
      parts.push(make("p", { textContent: "No other way to count moves it." }));
    }
    const page = make("a", { href: link.href, textContent: key.startsWith("claims") ? "The page of the claim" : "All numbers of this chapter" });
    panel.replaceChildren(...parts, rests, make("p", { className: "door-more" }, page));
    panel.setAttribute("aria-label", `${number.value}: what it rests on`);
    if (panel.matches(":popover-open")) panel.hidePopover();
    opener = link;
    link.focus();
    panel.showPopover();
    place();
    panel.scrollTop = 0;
    panel.focus({ preventScroll: true });
  };

  window.openDoor = async (link) => {
    const [, folder, page] = link.pathname.match(/(\w+)\/([\w-]+)\.html$/);
    const key = `${folder}-${page}`;
    try {
      show(link, key, decodeURIComponent(link.hash).replace("#number-", ""), await load(key));
    } catch {
      location.href = link.href;
    }
  };
})();
