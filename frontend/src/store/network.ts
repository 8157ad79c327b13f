/** Whether the server can be reached, said by a bar at the top of every page. */

let away = false;
const whenBack = new Set<() => void>();

/** Say that the server cannot be reached, or can be again. */
export function setAway(now: boolean): void {
  if (away === now) return;
  away = now;
  document.getElementById("no-network")?.toggleAttribute("data-away", now);
  if (!now) for (const each of [...whenBack]) each();
}

/** Call `then` whenever the network may be back. */
export function onBack(then: () => void): void {
  whenBack.add(then);
  window.addEventListener("online", then);
}

window.addEventListener("offline", () => setAway(true));

/** Wait for so long, less when the browser says that there is a network again. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      window.clearTimeout(timer);
      window.removeEventListener("online", done);
      resolve();
    };
    const timer = window.setTimeout(done, milliseconds);
    window.addEventListener("online", done);
  });
}
