/* Run it here: the reader's script, and whether its result is the published one. */
import { controls } from "./python.js";

for (const box of document.querySelectorAll(".run-here")) {
  const compare = (result) => {
    const published = Number.parseFloat(box.dataset.published);
    if (Number.isNaN(published) || typeof result !== "number") return "";
    const same = Math.abs(result - published) <= Number(box.dataset.tolerance) + 1e-6 * Math.abs(published);
    return `\nHere ${result}, published ${published}: ${same ? "the same" : "different"}.`;
  };
  controls(box, async (ask) => {
    const order = JSON.parse(box.dataset.order);
    const script = box.querySelector(".bench-script").value;
    const { printed, result } = await ask({ ...order, job: { ...order.job, script } });
    return (printed + compare(result)).trim();
  });
}
