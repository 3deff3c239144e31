// The marks and words of figures that do not stand out from what they lie on: 3 for marks, 4.5 for words.
// What lies beneath is painted again, shape by shape, at points along each mark; opacity counts.
// Not judged: the lines of the grid, which carry no datum, and paper, which parts other marks or lies around words.
() => {
  const faults = new Set();
  const parse = (text) => {
    const [r, g, b, a = 1] = (text.match(/[\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
    return text === "none" || text === "transparent" ? null : { rgb: [r, g, b], a };
  };
  const probe = document.body.appendChild(document.createElement("i"));
  const token = (name) => {
    probe.style.color = `var(${name})`;
    return parse(getComputedStyle(probe).color).rgb.join();
  };
  const GRID = token("--fig-grid"), PAPER = token("--fig-paper"), NONE = null;
  const STEPS = new Set([2, 3, 4, 5].map((n) => token(`--fig-step-${n}`)));
  probe.remove();

  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const over = (paint, ground) => ground.map((c, at) => paint.a * paint.rgb[at] + (1 - paint.a) * c);
  const inside = ({ x, y }, box, slack = 0.5) =>
    x >= box.left - slack && x <= box.right + slack && y >= box.top - slack && y <= box.bottom + slack;

  const key = (paint) => paint?.a === 1 && paint.rgb.join();

  function behind(svg) { // the colour of the page where a drawing stands
    for (let part = svg; part; part = part.parentElement) {
      const found = parse(getComputedStyle(part).backgroundColor);
      if (found?.a === 1) return found.rgb;
    }
    return PAPER.split(",").map(Number);
  }
  function windowOf(part, svg) { // the part of a drawing outside which a mark is cut off
    const frame = svg.getBoundingClientRect(), held = part.closest("[clip-path]");
    const shape = held && document.querySelector(`${held.getAttribute("clip-path").slice(4, -1)} > :is(rect, path)`);
    if (!shape) return frame;
    const { x, y, width, height } = shape.getBBox(), { a, d, e, f } = (held.tagName === "g" ? held : svg).getScreenCTM();
    return { left: e + x * a, right: e + (x + width) * a, top: f + y * d, bottom: f + (y + height) * d };
  }
  function opacityOf(part, svg) {
    let all = 1;
    for (let at = part; at && at !== svg.parentElement; at = at.parentElement) all *= +getComputedStyle(at).opacity;
    return all;
  }
  function read(part, svg, scale) {
    const text = part.tagName === "text";
    const shape = part.tagName === "use" ? document.querySelector(part.getAttribute("xlink:href") ?? part.getAttribute("href")) : part;
    const own = getComputedStyle(part), of = getComputedStyle(shape), all = opacityOf(part, svg);
    const chosen = (name) => (part.style[name] ? own[name] : of[name]);
    const paint = (name) => {
      const found = parse(chosen(name));
      const a = found && found.a * all * +chosen(`${name}-opacity`);
      return a > 0.02 ? { rgb: found.rgb, a } : NONE;
    };
    let there = part.getScreenCTM();
    if (part.tagName === "use") there = there.translate(part.x.baseVal.value, part.y.baseVal.value);
    const thick = parseFloat(chosen("stroke-width")) * Math.hypot(there.a, there.b);
    return {
      part, shape, text, there, back: there.inverse(), box: part.getBoundingClientRect(), seen: windowOf(part, svg),
      fill: part.tagName === "line" ? NONE : paint("fill"), stroke: thick >= 0.5 && !text ? paint("stroke") : NONE, thick, scale,
    };
  }
  const filled = (item, { x, y }) => item.fill && item.shape.isPointInFill(new DOMPoint(x, y).matrixTransform(item.back));
  const stroked = (item, { x, y }) => item.stroke && item.shape.isPointInStroke(new DOMPoint(x, y).matrixTransform(item.back));
  /* The colour beside a mark: of what lies both there and under the mark, not of a neighbour that it only touches.
     Dots of one size and lines may cover each other; paper around a line is there to be its ground. */
  function ground(beside, own, below, page, size) {
    let colour = page;
    for (const item of below) {
      const both = (lies) => [beside, own].every((at) => inside(at, item.seen) && lies(item, at));
      if (!inside(beside, item.box, item.thick / 2 + 1)) continue;
      if (item.box.width * item.box.height > 2 * size && both(filled)) colour = over(item.fill, colour);
      if (key(item.stroke) === PAPER && both(stroked)) colour = over(item.stroke, colour);
    }
    return colour;
  }
  function along(item) { // at places on an outline or a line: the points beside it that it does not cover itself
    const length = item.shape.getTotalLength?.() ?? 0, away = item.thick / 2 + 1, places = [];
    const point = (at) => item.shape.getPointAtLength(at).matrixTransform(item.there);
    for (let i = 0; i < 24; i++) {
      const at = (length * (i + 0.5)) / 24, here = point(at), [from, to] = [point(at - length / 500), point(at + length / 500)];
      const size = Math.hypot(to.x - from.x, to.y - from.y);
      if (!size || !inside(here, item.seen, 0)) continue;
      const [dx, dy] = [(away * (from.y - to.y)) / size, (away * (to.x - from.x)) / size];
      const sides = [1, -1].map((side) => ({ x: here.x + side * dx, y: here.y + side * dy }));
      const own = sides.find((at) => filled(item, at)) ?? here;
      places.push(sides.filter((at) => !filled(item, at)).map((beside) => [beside, own]));
    }
    return places;
  }
  function within({ left, right, top, bottom }) { // points among the letters of a text
    const points = [];
    for (let i = 1; i < 8; i++) for (let j = 1; j < 4; j++)
      points.push({ x: left + ((right - left) * i) / 8, y: top + (bottom - top) * (0.2 + j * 0.15) });
    return points;
  }
  const isGrid = ({ fill, stroke }) => !fill && stroke && key(stroke) === GRID;
  const isPaper = ({ fill, stroke }) => [fill, stroke].every((paint) => !paint || key(paint) === PAPER);

  for (const svg of document.querySelectorAll("figure :is(.drawing, .chart) > svg, figure .chart svg.marks")) {
    const frame = svg.getBoundingClientRect();
    if (!svg.checkVisibility() || !frame.width) continue;
    const scale = svg.viewBox.baseVal?.width ? frame.width / svg.viewBox.baseVal.width : 1, page = behind(svg);
    const name = svg.closest("figure").id;
    const fault = (item, what) => faults.add(`${name}: ${item.text ? `“${item.part.textContent.trim().slice(0, 30)}”` : item.part.tagName} ${what}`);
    const items = [...svg.querySelectorAll("text, path, use, rect, circle, line, polygon, polyline, ellipse")]
      .filter((part) => !part.closest("defs, clipPath, pattern, .readout_marks, .background") && part.checkVisibility())
      .map((part) => read(part, svg, scale))
      .filter(({ box, fill, stroke }) => (box.width || box.height) && (fill || stroke));
    const shapes = items.filter(({ text }) => !text);
    items.forEach((item, order) => {
      const below = items.slice(0, order).filter(({ text, box: b }) =>
        !text && b.left <= item.box.right + 9 && b.right >= item.box.left - 9 && b.top <= item.box.bottom + 9 && b.bottom >= item.box.top - 9);
      if (item.text) {
        if (!item.part.textContent.trim() || key(parse(getComputedStyle(item.part).stroke)) === PAPER) return;
        const size = parseFloat(getComputedStyle(item.part).fontSize) * scale;
        const least = size >= 24 || (size >= 18.66 && +getComputedStyle(item.part).fontWeight >= 700) ? 3 : 4.5;
        const found = within(item.box).map((at) => ground(at, at, below, page, 0)).map((under) => contrast(over(item.fill ?? { rgb: under, a: 1 }, under), under));
        const poor = found.filter((one) => one < least);
        if (poor.length > 0.2 * found.length) fault(item, `has ${Math.min(...poor).toFixed(2)}`);
        return;
      }
      if (isGrid(item) || isPaper(item)) return;
      // A place is told from what is on either side; marks of one colour that meet are one mark there.
      const paints = [item.fill, item.stroke].filter(Boolean);
      const stands = (under) => Math.max(...paints.map((paint) => contrast(over(paint, under), under)));
      const size = item.box.width * item.box.height;
      const seen = ([beside, own]) => stands(ground(beside, own, below, page, size));
      const found = along(item).map((sides) => Math.max(...sides.map(seen)))
        .filter(Number.isFinite);
      const apart = found.filter((one) => one >= 1.02), poor = apart.filter((one) => one < 3);
      if (found.length && !apart.length) fault(item, "is of one colour with what it lies on");
      if (poor.length > 0.4 * found.length) fault(item, `has ${Math.min(...poor).toFixed(2)} at ${Math.round(item.box.left - frame.left)}, ${Math.round(item.box.top - frame.top)}`);
    });
    // Two steps of the tiers that touch are parted by a line that stands out from both.
    const steps = shapes.filter(({ fill }) => STEPS.has(key(fill)));
    for (const one of steps) {
      const near = steps.find((other) => key(other.fill) !== key(one.fill) && one.box.left < other.box.right + 1 &&
        other.box.left < one.box.right + 1 && one.box.top < other.box.bottom + 1 && other.box.top < one.box.bottom + 1);
      if (!near) continue;
      const parts = one.stroke && one.thick >= 0.75 && [one, near].every(({ fill }) => contrast(one.stroke.rgb, fill.rgb) >= 3);
      const chosen = one.thick >= 2; // the one that the reader chose has a line of another hue
      if (!parts && !chosen) fault(one, "is not parted from its neighbour");
    }
  }
  return [...faults];
}
