/* Verify here: chapters run in the reader's browser, their verdicts beside the published ones, a certificate to keep;
   and the referee's workbench, which changes a cell or a rule first. */
import { controls } from "./python.js";
import { workbench } from "./workbench.js";

const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};
const told = (value) => (value === null ? "none seen" : String(Number(value.toPrecision(6))));
const row = (kind, ...cells) => make("tr", {}, ...cells.map((cell) => make(kind, {}, cell)));

const table = (caption, head, rows) =>
  make("div", { className: "verify-scroll", tabIndex: 0, role: "region", ariaLabel: caption },
    make("table", {}, make("caption", {}, caption), make("thead", {}, row("th", ...head)), make("tbody", {}, ...rows)));

/* What was run of a chapter that ran in part: never more than that is said to be as published. */
const grouped = (count) => count.toLocaleString("en");
const inPart = ({ fitted, of, what }) => `${grouped(fitted)} of ${grouped(of)} ${what}`;

const ofClaim = (claim, { lacking, part }, open) => {
  const checked = claim.recomputed !== "";
  const numbers = claim.numbers.map((number) => {
    const line = row("td", make("span", { title: number.name }, number.meaning), told(number.published),
      checked ? told(number.recomputed) : "not checked", !checked ? "" : number.same ? "yes" : "NO");
    line.dataset.same = number.same || !checked;
    return line;
  });
  const same = claim.recomputed === claim.published && (!part || part.same === part.fitted);
  const word = !checked ? lacking.length ? `not checked here: it needs ${lacking.join(", ")}, which is not among what this site brings` : "not reached; see below"
    : part ? `in part: ${inPart(part)} were fitted; alone they say “${claim.recomputed}”${same ? ", as is published of them" : `; published of them: “${claim.published}”`}. The verdict on all was not computed`
    : same ? `${claim.recomputed}, as published` : `${claim.recomputed}; published: ${claim.published}`;
  const fold = make("details", { open: open || (checked && !same) },
    make("summary", {}, make("span", { className: "verify-claim" }, claim.title), " ", make("strong", {}, word)),
    table(part ? "Numbers of the models that were fitted, published and recomputed here" : "Numbers, published and recomputed here", ["number", "published", "here", "same"], numbers),
    make("ul", { className: "verify-rules" }, ...claim.rules.map(({ part, kind, text }) =>
      make("li", {}, claim.rules.some((other) => other.part !== part) ? `${part}, ${kind} if ` : `${kind} if `, make("code", {}, text)))));
  fold.dataset.claim = claim.id;
  fold.dataset.same = !checked ? "unknown" : part && same ? "part" : same;
  return fold;
};

const file = (name, type, content, words) => {
  const link = make("a", { download: name, href: URL.createObjectURL(new Blob([content], { type })) }, words);
  return make("p", {}, link);
};

/* What Python is asked in order to join what it found in several chapters; it has all files for it. */
const joining = (order, reports, made) => ({
  ...order,
  call: "compendium.run.inpage.join",
  files: [],
  job: { certificates: reports.map((report) => report.certificate), ...made },
});

const count = (n, word) => `${grouped(n)} ${word}${n === 1 ? "" : "s"}`;
const agree = (whole) => {
  const claims = whole.flatMap((report) => report.claims).filter((claim) => claim.recomputed);
  const numbers = claims.flatMap((claim) => claim.numbers);
  const verdicts = claims.filter((claim) => claim.recomputed === claim.published).length;
  const same = numbers.filter((number) => number.same).length;
  return `${verdicts} of ${count(claims.length, "verdict")} and ${same} of ${count(numbers.length, "number")} are the same`;
};
/* How many claims have the numbers of the certificate before they were rounded, where it has any of them. */
const exactly = (whole) => {
  const compared = whole.flatMap((report) => report.claims).filter((claim) => claim.exact !== null);
  const same = compared.filter((claim) => claim.exact).length;
  return compared.length ? ` Before rounding, the numbers of ${same} of ${count(compared.length, "claim")} are those of the certificate to the last bit.` : "";
};
const agreeInPart = ({ claims, part }) => {
  const numbers = claims.flatMap((claim) => claim.numbers);
  const same = numbers.filter((number) => number.same).length;
  return `${inPart(part)} were fitted, of which ${grouped(part.same)}, and ${same} of their ${count(numbers.length, "number")}, are as published; the verdict on all of them was not computed`;
};
const summary = (reports, changed) => {
  const [whole, parts] = [reports.filter((report) => !report.part), reports.filter((report) => report.part)];
  const seconds = reports.reduce((sum, report) => sum + report.seconds, 0).toFixed(1);
  const every = reports.every((report) => report.same);
  const found = whole.length ? `${agree(whole)}, in ${seconds} s.${exactly(whole)}` : "";
  const left = parts.map((report) => `In part${whole.length ? "" : `, in ${seconds} s`}: ${agreeInPart(report)}.`).join(" ");
  const words = [found, left].filter(Boolean).join(" ");
  if (changed) return `Not as published, because you changed something: ${words}`;
  if (!every) return `Not as published: ${words}`;
  const unchecked = whole.flatMap((report) => report.claims).filter((claim) => !claim.recomputed).length;
  if (unchecked) return `${count(unchecked, "verdict")} could not be checked here. Of the others, ${words}`;
  return whole.length ? `Same as published: ${words}` : words;
};

for (const box of document.querySelectorAll(".verify-here")) {
  const orders = JSON.parse(box.dataset.orders);
  const result = box.querySelector(".verify-result");
  const changes = workbench(box);
  controls(box, async (askPython) => {
    const ask = async (order) => {
      const answer = await askPython(order);
      if (answer.error) throw new Error(answer.error);
      return answer;
    };
    result.replaceChildren();
    const altered = changes ? changes.of(orders) : orders;
    const made = changes?.made() ?? { cells: [], rules: {} }; // those of the press: the reader may go on changing
    const changed = altered !== orders;
    const all = box.querySelector(".verify-whole input")?.checked;
    const asked = all ? altered.map((order) => ({ ...order, job: { ...order.job, part: false } })) : altered;
    const reports = [];
    for (const order of asked) {
      const report = await ask(order);
      reports.push(report);
      if (orders.length > 1) result.append(make("p", { className: "verify-chapter" }, `Chapter ${report.chapter}, ${report.seconds.toFixed(1)} s`));
      result.append(...report.claims.map((claim) => ofClaim(claim, report, orders.length === 1 && report.claims.length === 1)));
    }
    const problems = [...new Set(reports.flatMap((report) => report.problems))];
    if (problems.length)
      result.append(make("details", { className: "verify-problems", open: problems.length < 4 },
        make("summary", {}, `What differs: ${problems.length} line${problems.length === 1 ? "" : "s"}`),
        make("ul", {}, ...problems.map((line) => make("li", {}, line)))));
    const { certificate, patch } = reports.length === 1 ? reports[0] : await ask(joining(orders[0], reports, made));
    result.append(file("certificate.json", "application/json", `${JSON.stringify(certificate, null, 1)}\n`, "The certificate of this verification (JSON)"));
    if (patch) result.append(file("change.patch", "text/x-diff", patch, "Your change as a patch (git apply change.patch, then python -m compendium data seal)"));
    return summary(reports, changed);
  });
}
