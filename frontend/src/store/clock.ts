/** Waiting times that go on counting, from the seconds that the server said. */

const since = new WeakMap<HTMLElement, { said: string; at: number }>();

function tick(): void {
  for (const element of document.querySelectorAll<HTMLElement>("[data-clock]")) {
    const said = element.dataset.clock ?? "0";
    let known = since.get(element);
    if (!known || known.said !== said) {
      known = { said, at: performance.now() };
      since.set(element, known);
    }
    const seconds = Number(said) + Math.floor((performance.now() - known.at) / 1000);
    const shown = element.querySelector("[data-shows]");
    if (shown) shown.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    const { late, soon } = element.dataset;
    element.dataset.urgency = seconds > Number(late) ? "late" : seconds >= Number(soon) ? "soon" : "fine";
  }
}

window.setInterval(tick, 1000);
document.addEventListener("htmx:after:swap", tick);
tick();
