// What is wrong with the labels of the figures that are shown, printed or alive: cut, small, on each other, on marks.
// A label may stand wholly within a mark, or on paper that covers it; it may not cross an edge or a line.
// The answer of a live chart is a text of no size, which the page shows as a sentence above it.
// `drawings` is a selector: of the printed drawings, or of the live charts.
(drawings) => {
  const faults = new Set();
  const SHOWN = "text, path, use, rect, circle, line";
  const colour = (token) => {
    const probe = document.body.appendChild(document.createElement("i"));
    probe.style.color = `var(${token})`;
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  };
  const PAPER = colour("--fig-paper"), QUIET = new Set(["none", "rgba(0, 0, 0, 0)", PAPER, colour("--fig-grid")]);
  const meets = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  const holds = (a, b) => a.left <= b.left + 1 && a.right >= b.right - 1 && a.top <= b.top + 1 && a.bottom >= b.bottom - 1;
  const inside = (x, y, box) => x > box.left && x < box.right && y > box.top && y < box.bottom;

  function inked(text, size) { // of a line's height the letters take the middle
    const box = text.getBoundingClientRect(), turned = text.getScreenCTM(), upright = Math.abs(turned.b) > Math.abs(turned.a);
    const lines = Math.max(1, text.querySelectorAll("tspan").length), across = upright ? box.width : box.height;
    const within = (across / lines - 0.72 * size) / 2, [x, y] = upright ? [within, 0.5] : [0.5, within];
    return { left: box.left + x, right: box.right - x, top: box.top + y, bottom: box.bottom - y };
  }
  function window_of(mark, svg) {
    const clipped = mark.closest("[clip-path]"), named = clipped?.getAttribute("clip-path");
    const rect = named && document.querySelector(`${named.slice(4, -1)} > :is(rect, path)`);
    if (!rect) return svg.getBoundingClientRect();
    const { x, y, width, height } = rect.getBBox(), { a, d, e, f } = clipped.getScreenCTM();
    return { left: e + x * a, right: e + (x + width) * a, top: f + y * d, bottom: f + (y + height) * d };
  }
  function crosses(path, box, seen, filled, drawn) {
    const there = path.getScreenCTM(), back = there.inverse();
    for (let i = 0; filled && i <= 12; i++)
      for (let j = 0; j <= 4; j++) {
        const x = box.left + ((box.right - box.left) * i) / 12, y = box.top + ((box.bottom - box.top) * j) / 4;
        if (inside(x, y, seen) && path.isPointInFill(new DOMPoint(x, y).matrixTransform(back))) return true;
      }
    for (let at = 0; drawn && at <= path.getTotalLength(); at += 1.5) {
      const { x, y } = path.getPointAtLength(at).matrixTransform(there);
      if (inside(x, y, seen) && inside(x, y, box)) return true;
    }
    return false;
  }
  function looks(mark) {
    const shape = mark.tagName === "use" ? document.querySelector(mark.getAttribute("xlink:href")) : mark;
    const own = getComputedStyle(mark), of = getComputedStyle(shape);
    const [fill, stroke] = ["fill", "stroke"].map((one) => (mark.style[one] ? own[one] : of[one]));
    const seen = Number(own.opacity);
    return {
      filled: !QUIET.has(fill) && seen * own.fillOpacity > 0,
      drawn: !QUIET.has(stroke) && own.strokeWidth !== "0px" && seen * own.strokeOpacity > 0,
    };
  }

  for (const svg of document.querySelectorAll(drawings)) {
    const frame = svg.getBoundingClientRect(), scale = frame.width / svg.viewBox.baseVal.width;
    if (!svg.checkVisibility()) continue;
    const all = [...svg.querySelectorAll(SHOWN)].filter((part) => !part.closest("defs, clipPath"));
    const texts = [], sheets = [];
    for (const [order, part] of all.entries()) {
      if (part.tagName === "text") {
        const { fontSize, opacity, stroke } = getComputedStyle(part), size = parseFloat(fontSize) * scale;
        if (!part.textContent.trim() || opacity === "0" || part.closest(".readout_marks")) continue;
        if (stroke === PAPER) sheets.push({ order, box: inked(part, size) }); // around the letters of the same words
        else texts.push({ order, size, words: part.textContent, box: inked(part, size) });
      } else if (getComputedStyle(part).fill === PAPER) sheets.push({ order, box: part.getBoundingClientRect() });
    }
    const fault = (text, what) => faults.add(`${svg.closest("figure").id}: ${text.words.slice(0, 30)} ${what}`);
    for (const text of texts) {
      if (text.size < 11) fault(text, `has ${text.size.toFixed(1)} px`);
      if (!holds(frame, text.box)) fault(text, "is cut");
      for (const other of texts)
        if (other.order > text.order && meets(text.box, other.box)) fault(text, `meets ${other.words.slice(0, 30)}`);
    }
    for (const [order, mark] of all.entries()) {
      const box = mark.getBoundingClientRect();
      if (mark.tagName === "text" || !(box.width || box.height)) continue;
      const near = texts.filter((text) => meets(text.box, box));
      if (!near.length) continue;
      const { filled, drawn } = looks(mark), seen = window_of(mark, svg);
      for (const text of near) {
        if (!(filled || drawn) || (filled && holds(box, text.box))) continue;
        if (sheets.some((one) => one.order > order && one.order < text.order && holds(one.box, text.box))) continue;
        if (mark.tagName === "path" ? crosses(mark, text.box, seen, filled, drawn) : meets(text.box, seen))
          fault(text, "lies on a mark");
      }
    }
  }
  return [...faults];
}
