/* The referee's workbench: cells and rules that the reader changes before a verification. */
const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

/* Rows of a CSV file as RFC 4180 has them. */
export const rows = (text) => {
  const found = [[""]];
  let quoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const sign = text[i];
    const row = found.at(-1);
    if (quoted && sign === '"' && text[i + 1] === '"') row[row.length - 1] += text[(i += 1)];
    else if (sign === '"') quoted = !quoted;
    else if (!quoted && sign === ",") row.push("");
    else if (!quoted && sign === "\n") found.push([""]);
    else row[row.length - 1] += sign;
  }
  if (found.at(-1).length === 1 && found.at(-1)[0] === "") found.pop();
  return found;
};

const ENTRY = (claim) => new RegExp(`^  - id: ${claim}\\n(?:(?!  - id: ).*\\n)*`, "m");
const RULE = /^( +(?:- )?)(testable|supported|contradicted): (.+)$/;

export const workbench = (box) => {
  const bench = box.querySelector(".workbench");
  if (!bench) return null;
  const find = (name) => bench.querySelector(`.workbench-${name}`);
  const [table, row, column, value, now, add] = ["table", "row", "column", "value", "now", "add"].map(find);
  const [claim, rules, list] = ["claim", "rules", "changes"].map(find);
  const paths = JSON.parse(box.dataset.paths);
  const read = async (path) => {
    const answer = await fetch(new URL(`${box.dataset.up}_static/data/${path}`, document.baseURI));
    if (!answer.ok) throw new Error(`${path} is missing`);
    return answer.text();
  };
  const cells = [];
  const entries = new Map();
  let content = [[]];

  /* What stands in the chosen cell, and in the row around it. */
  const look = () => {
    const line = content[Number(row.value)];
    const at = content[0].indexOf(column.value);
    add.disabled = !line || at < 0;
    now.textContent = add.disabled ? `There is no such row; the table has ${content.length - 1}.`
      : `Row ${row.value} (${line.slice(0, 3).join(", ")}): ${column.value} is “${line[at]}”.`;
    if (!add.disabled) value.value = line[at];
  };
  table.addEventListener("change", async () => {
    try {
      content = table.value ? rows(await read(paths[table.value])) : [[]];
    } catch (error) {
      now.textContent = error.message;
      return;
    }
    for (const control of [row, column, value]) control.disabled = !table.value;
    row.max = content.length - 1;
    row.value = 1;
    column.replaceChildren(...content[0].map((name) => make("option", {}, name)));
    look();
  });
  row.addEventListener("input", look);
  column.addEventListener("change", look);
  add.addEventListener("click", () => {
    const place = { table: table.value, row: Number(row.value), column: column.value };
    const same = (cell) => Object.keys(place).every((key) => cell[key] === place[key]);
    const before = cells.findIndex(same);
    if (before >= 0) cells.splice(before, 1);
    const old = content[place.row][content[0].indexOf(place.column)];
    if (value.value !== old) cells.push({ ...place, value: value.value, old });
    show();
  });

  claim.addEventListener("change", async () => {
    rules.replaceChildren();
    if (!claim.value) return;
    const id = claim.value;
    const published = ENTRY(id).exec(await read("claims.yml"))[0];
    const lines = (entries.get(id)?.text ?? published).split("\n");
    let part = "";
    lines.forEach((text, at) => {
      part = /^ +- name: (.+)$/.exec(text)?.[1] ?? part;
      const rule = RULE.exec(text);
      if (!rule) return;
      const input = make("input", { type: "text", value: rule[3], spellcheck: false, autocomplete: "off" });
      input.addEventListener("input", () => {
        lines[at] = `${rule[1]}${rule[2]}: ${input.value}`;
        const text = lines.join("\n");
        if (text === published) entries.delete(id);
        else entries.set(id, { text, title: claim.selectedOptions[0].textContent });
        show();
      });
      rules.append(make("label", {}, `${part ? `${part}, ` : ""}${rule[2]} if`, input));
    });
  });

  const show = () => {
    const drop = (words, remove) => {
      const button = make("button", { type: "button" }, "Take back");
      button.addEventListener("click", () => {
        remove();
        show();
      });
      return make("li", {}, `${words} `, button);
    };
    list.replaceChildren(
      ...cells.map((cell, at) => drop(`${cell.table}, row ${cell.row}, ${cell.column}: “${cell.value}” instead of “${cell.old}”.`, () => cells.splice(at, 1))),
      ...[...entries].map(([id, { title }]) => drop(`Another rule for “${title}”.`, () => {
        entries.delete(id);
        if (claim.value === id) claim.dispatchEvent(new Event("change"));
      })),
    );
  };

  // What was chosen before this script was there, or is restored by the browser, is chosen.
  for (const chosen of [table, claim]) if (chosen.value) chosen.dispatchEvent(new Event("change"));

  /* All changes, whichever chapters they reach. */
  const made = () => ({
    cells: cells.map(({ old, ...cell }) => cell),
    rules: Object.fromEntries([...entries].map(([id, { text }]) => [id, text])),
  });
  return {
    made,
    /* The orders with the changes in them: of several chapters only those that a change can reach. */
    of: (orders) => {
      if (!cells.length && !entries.size) return orders;
      const every = made();
      const asked = orders.map((order) => {
        const cells = every.cells.filter((cell) => order.tables.includes(cell.table));
        const rules = Object.fromEntries(Object.entries(every.rules).filter(([id]) => order.claims.includes(id)));
        return { ...order, job: { ...order.job, cells, rules } };
      });
      return asked.filter(({ job }) => job.cells.length || Object.keys(job.rules).length);
    },
  };
};
