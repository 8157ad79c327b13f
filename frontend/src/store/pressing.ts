/** Whether a finger is on the screen, or taps again and again: what is under it stays where it is meanwhile. */

const TAPPING_MILLISECONDS = 250;
/** A release becomes a click a little later; then it is known where it goes. */
const CLICK_MILLISECONDS = 50;
/** A finger that rests, or a release that nobody tells us of, does not hold the page for ever. */
const HELD_MILLISECONDS_MAX = 2_000;

let pressed = false;
let last = -Infinity;

/** Wait until nothing is pressed; with `tapping` also until nobody has pressed anything for a moment. */
export async function released({ tapping }: { tapping: boolean }): Promise<void> {
  const until = performance.now() + HELD_MILLISECONDS_MAX;
  for (;;) {
    const now = performance.now();
    const rest = last + (tapping ? TAPPING_MILLISECONDS : CLICK_MILLISECONDS) - now;
    if (now >= until || (!pressed && rest <= 0)) return;
    const wait = Math.min(until - now, pressed ? CLICK_MILLISECONDS : rest);
    await new Promise((resolve) => window.setTimeout(resolve, wait));
  }
}

function release(): void {
  pressed = false;
  last = performance.now();
}

document.addEventListener(
  "pointerdown",
  (event) => {
    if (!event.isPrimary || event.button !== 0) return;
    pressed = true;
    last = performance.now();
  },
  true,
);
for (const name of ["pointerup", "pointercancel"] as const) {
  document.addEventListener(name, (event) => event.isPrimary && release(), true);
}
// A menu of the system, or a drag, keeps the release to itself.
for (const name of ["contextmenu", "dragend"]) document.addEventListener(name, release, true);
window.addEventListener("blur", release);
