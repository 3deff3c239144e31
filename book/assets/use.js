/* What a reader may do with a figure: link to it, read its data as a table, take it along as SVG, PNG or ZIP, embed it.
   Everything is made here, from what the page shows; the faces, the colours and the licence come with figure-kit.js. */
(() => {
  const EDGE = 24; // around the drawing, in pixels of the picture
  const ROWS = 200; // of a table, until a reader asks for all
  const FACE = '"Compendium Label", Arial, sans-serif';
  const load = window.loadScript;
  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };
  const words = (figure, selector) => figure.querySelector(selector)?.textContent.trim() ?? "";

  /* What is said of a figure, wherever it is taken. */
  const about = (figure) => {
    const address = figure.address?.() ?? new URL(location.href);
    address.hash = figure.id;
    const drawn = figure.querySelector(".chart:not([hidden]) svg") ?? figure.querySelector(".drawing svg");
    return {
      name: figure.id,
      title: words(figure, ".caption-text"),
      measure: words(figure, ".figure-subtitle"),
      sentence: words(figure, "output.readout"),
      description: drawn.closest("[aria-label]").getAttribute("aria-label"),
      source: words(figure, "p.source").replace(/^Source: /, ""),
      settings: figure.settings?.() ?? {},
      verdict: words(figure, ".living-verdict strong"),
      page: address.href,
    };
  };

  // ---- the drawing

  const escape = (text) => text.replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign]);
  const pen = document.createElement("canvas").getContext("2d");
  const wrapped = (text, font, width) => {
    pen.font = `${font} ${FACE}`;
    const lines = [""];
    for (const word of text.split(/\s+/)) {
      const longer = `${lines.at(-1)} ${word}`.trim();
      if (pen.measureText(longer).width <= width) lines[lines.length - 1] = longer;
      else lines.push(word);
    }
    return lines;
  };

  /* The drawing as it stands, in the light theme, between its title and its source; it asks for no other file. */
  const picture = async (figure) => {
    await load("figure-kit.js");
    await Promise.allSettled(["13px", "bold 13px"].map((font) => document.fonts.load(`${font} "Compendium Label"`)));
    const { colours, faces, licence, book } = window.figureKit;
    const told = about(figure);
    const svg = (figure.querySelector(".chart:not([hidden]) svg") ?? figure.querySelector(".drawing svg")).cloneNode(true);
    for (const said of svg.querySelectorAll(".readout_marks")) said.remove();
    for (const part of [svg, ...svg.querySelectorAll("[aria-hidden]")]) part.removeAttribute("aria-hidden");
    const [, , across, down] = svg.getAttribute("viewBox").split(/[\s,]+/).map(Number);
    const width = Math.max(across, 480);
    for (const [name, value] of Object.entries({ x: EDGE, width: across, height: down })) svg.setAttribute(name, value);

    let y = EDGE;
    const lines = [];
    const write = (text, size, { bold = false, colour = "--fig-ink" } = {}) => {
      for (const line of text ? wrapped(text, `${bold ? "bold " : ""}${size}px`, width) : []) {
        y += Math.round(size * 1.35);
        lines.push(`<text x="${EDGE}" y="${y}" font-size="${size}" fill="${colours[colour]}"${bold ? ' font-weight="bold"' : ""}>${escape(line)}</text>`);
      }
    };
    const muted = { colour: "--fig-muted" };
    const moved = Object.keys(told.settings).length > 0;
    write(`${moved ? "As published: " : ""}${told.title}`, 17, { bold: true });
    write(told.measure, 13, muted);
    if (told.sentence) write(`${moved ? "As set here: " : ""}${told.sentence}`, 15, { bold: true });
    svg.setAttribute("y", y += 12);
    y += down + 6;
    write(`Source: ${told.source}`, 12, muted);
    write(licence, 12, muted);
    write(`${book}. ${told.page}`, 12, muted);
    const [w, h] = [width + 2 * EDGE, y + EDGE].map(Math.ceil);
    const face = (name, weight) =>
      `@font-face{font-family:"Compendium Label";font-weight:${weight};src:url(data:font/woff2;base64,${faces[name]}) format("woff2")}`;
    const drawing = new XMLSerializer().serializeToString(svg).replace(/var\((--[\w-]+)\)/g, (_, name) => colours[name] ?? "#000");
    const text =
      `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" role="img">` +
      `<title>${escape(told.title)}</title><desc>${escape(told.description)}</desc>` +
      `<style>${face("label", "400 900")}text{font-family:${FACE}}</style>` +
      `<rect width="${w}" height="${h}" fill="${colours["--fig-paper"]}"/>${lines.join("")}${drawing}</svg>`;
    return { text, w, h };
  };

  const png = async ({ text, w, h }) => {
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
    await image.decode();
    const canvas = make("canvas", { width: 2 * w, height: 2 * h });
    canvas.getContext("2d").drawImage(image, 0, 0, 2 * w, 2 * h);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  };

  // ---- the data

  const rowsBehind = async (figure) => {
    await load(`figure-data/${figure.id}.rows.js`);
    return window.figureRows[figure.id];
  };
  const parsed = (csv) => {
    const rows = [[""]];
    let quoted = false;
    for (let i = 0; i < csv.length; i++) {
      const sign = csv[i];
      const row = rows.at(-1);
      if (quoted && sign === '"' && csv[i + 1] === '"') row[row.length - 1] += csv[++i];
      else if (sign === '"') quoted = !quoted;
      else if (!quoted && sign === ",") row.push("");
      else if (!quoted && sign === "\n") rows.push([""]);
      else row[row.length - 1] += sign;
    }
    return rows.filter((row) => row.length > 1 || row[0] !== "");
  };

  /* The rows of the marks as they are drawn now, under the reader's settings. */
  const rowsDrawn = (view) => {
    const found = new Map();
    const gather = (group) => {
      for (const mark of group.items ?? []) {
        for (const item of mark.marktype ? mark.items : []) {
          if (item.items) gather(item);
          const simple = Object.entries(item.datum ?? {}).filter(([key, value]) => key && (value === null || typeof value !== "object"));
          if (mark.role === "mark" && simple.length && !mark.name?.startsWith("readout"))
            found.set(JSON.stringify(simple), Object.fromEntries(simple));
        }
      }
    };
    gather(view.scenegraph().root.items[0]);
    const rows = [...found.values()];
    const columns = [...new Set(rows.flatMap(Object.keys))];
    const cell = (value) => (/[",\n]/.test(value ?? "") ? `"${String(value).replaceAll('"', '""')}"` : `${value ?? ""}`);
    return [columns, ...rows.map((row) => columns.map((column) => row[column]))].map((row) => row.map(cell).join(",")).join("\n") + "\n";
  };

  /* A number as a reader looks at it: the file has every digit. */
  const short = (cell) => (/\.\d{5,}$/.test(cell) ? `${Number(Number(cell).toPrecision(7))}` : cell.replace(/\.0$/, ""));

  const table = async (figure) => {
    const [head, ...rows] = parsed(await rowsBehind(figure));
    const number = head.map((_, i) => rows.every((row) => !row[i] || Number.isFinite(Number(row[i]))));
    const body = make("tbody");
    const add = (some) => body.append(...some.map((row) => make("tr", {}, ...row.map((cell, i) =>
      make("td", { className: number[i] ? "number" : "" }, number[i] ? short(cell) : cell)))));
    add(rows.slice(0, ROWS));
    const caption = make("caption", {}, `The rows behind \u201c${words(figure, ".caption-text")}\u201d`);
    const columns = head.map((name, i) => make("th", { scope: "col", className: number[i] ? "number" : "" }, name));
    const whole = make("div", { className: "use-table", role: "region", tabIndex: 0, ariaLabel: "Rows of the figure" },
      make("table", {}, caption, make("thead", {}, make("tr", {}, ...columns)), body));
    if (rows.length <= ROWS) return whole;
    const more = make("button", { type: "button" }, `First ${ROWS} of ${rows.length.toLocaleString("en")} rows. Show all`);
    more.addEventListener("click", () => { add(rows.slice(ROWS)); more.remove(); });
    return make("div", {}, whole, make("p", { className: "use-buttons" }, more));
  };

  // ---- the ZIP: files stored as they are, dated with the first day that a ZIP knows, so that it has the same bytes

  const crcs = Uint32Array.from({ length: 256 }, (_, n) => {
    for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
    return n;
  });
  const crc = (bytes) => ~bytes.reduce((sum, byte) => crcs[(sum ^ byte) & 0xff] ^ (sum >>> 8), ~0) >>> 0;
  const packed = (fields) => {
    const bytes = new DataView(new ArrayBuffer(fields.reduce((sum, [size]) => sum + size, 0)));
    let at = 0;
    for (const [size, value] of fields) {
      if (size === 4) bytes.setUint32(at, value, true);
      else bytes.setUint16(at, value, true);
      at += size;
    }
    return new Uint8Array(bytes.buffer);
  };
  const zip = (files) => {
    const parts = [];
    const list = [];
    let at = 0;
    for (const [name, content] of files) {
      const title = new TextEncoder().encode(name);
      const shared = [[2, 20], [2, 0x800], [2, 0], [2, 0], [2, 0x21], [4, crc(content)], [4, content.length], [4, content.length], [2, title.length], [2, 0]];
      const local = packed([[4, 0x04034b50], ...shared]);
      list.push(packed([[4, 0x02014b50], [2, 20], ...shared, [2, 0], [2, 0], [2, 0], [4, 0], [4, at]]), title);
      parts.push(local, title, content);
      at += local.length + title.length + content.length;
    }
    const size = list.reduce((sum, part) => sum + part.length, 0);
    const end = packed([[4, 0x06054b50], [2, 0], [2, 0], [2, files.length], [2, files.length], [4, size], [4, at], [2, 0]]);
    return new Blob([...parts, ...list, end], { type: "application/zip" });
  };

  const readme = (told, files, kit) => [
    `# ${told.title}`,
    "",
    ...(told.measure ? [told.measure, ""] : []),
    ...(told.sentence ? [`It says: ${told.sentence}`, ""] : []),
    ...(told.verdict ? [`The verdict under these settings: ${told.verdict}.`, ""] : []),
    Object.keys(told.settings).length
      ? `Settings that differ from the published ones: ${Object.entries(told.settings).map(([name, value]) => `${name} = ${value}`).join(", ")}.`
      : "Every setting is the published one.",
    "",
    ...files.map(([name, what]) => `- ${name}: ${what}`),
    "",
    `Source: ${told.source}`,
    `Taken from: ${kit.book}, version ${kit.version}. ${told.page}`,
    "",
  ].join("\n");

  const everything = async (figure) => {
    const drawn = await picture(figure);
    const [kit, told, { name }] = [window.figureKit, about(figure), { name: figure.id }];
    const bytes = (text) => new TextEncoder().encode(text);
    const files = [
      [`${name}.svg`, "the figure, with its faces inside", bytes(drawn.text)],
      [`${name}.png`, "the same, twice as fine as on the page", new Uint8Array(await (await png(drawn)).arrayBuffer())],
      [`${name}.csv`, "the rows behind the figure", bytes(await rowsBehind(figure))],
      ...(figure.view ? [[`${name}-drawn.csv`, "the rows as drawn, under these settings", bytes(rowsDrawn(figure.view))]] : []),
      ["metadata.json", "what is said here, for machines", bytes(`${JSON.stringify({ ...told, book: kit.book, version: kit.version, licence: kit.licence }, null, 2)}\n`)],
      ["LICENCE.txt", "under which terms", bytes(`${kit.licence}\n`)],
    ];
    return zip([...files.map(([title, , content]) => [title, content]), ["README.md", bytes(readme(told, files, kit))]]);
  };

  // ---- the buttons

  const save = (blob, name) => {
    const link = make("a", { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  };

  window.useFigure = (details) => {
    const figure = details.closest("figure");
    const told = details.querySelector(".use-told");
    let shown;
    const uses = {
      link: () => window.bookAddress.copy(about(figure).page, told),
      svg: async () => save(new Blob([(await picture(figure)).text], { type: "image/svg+xml" }), `${figure.id}.svg`),
      png: async () => save(await png(await picture(figure)), `${figure.id}.png`),
      csv: () => save(new Blob([rowsDrawn(figure.view)], { type: "text/csv" }), `${figure.id}-drawn.csv`),
      zip: async () => save(await everything(figure), `${figure.id}.zip`),
      table: async (button) => {
        shown ??= await table(figure);
        if (shown.isConnected) shown.remove();
        else details.append(shown);
        button.setAttribute("aria-expanded", shown.isConnected);
      },
      embed: () => {
        const page = new URL(`${details.dataset.up}figures/${figure.id}.html`, location.href);
        page.search = new URLSearchParams(Object.entries(about(figure).settings).map(([name, value]) => [`${figure.id}.${name}`, value]));
        const tall = Math.ceil(figure.getBoundingClientRect().height / 10) * 10 + 60;
        const line = `<iframe src="${page.href}" title="${escape(words(figure, ".caption-text"))}" width="100%" height="${tall}" loading="lazy" style="border:0"></iframe>`;
        const field = make("textarea", { readOnly: true, value: line, rows: 4, ariaLabel: "The line that embeds this figure" });
        told.replaceChildren("Copy this line into a page: ", field);
        field.select();
      },
    };
    for (const button of details.querySelectorAll("[data-use]"))
      button.addEventListener("click", async () => {
        if (button.dataset.use !== "table") told.textContent = "";
        try {
          await uses[button.dataset.use](button);
        } catch (error) {
          told.textContent = `This could not be made here: ${error.message}. The data stand under \u201cData (CSV)\u201d.`;
        }
      });
  };
})();
