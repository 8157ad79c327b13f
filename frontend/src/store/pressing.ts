/** Whether a finger is on the screen, or taps again and again: what is under it stays where it is meanwhile. */

const TAPPING_MILLISECONDS = 250;

let pressed = false;
let lastPress = -Infinity;
let whenReleased: (() => void)[] = [];

/** Wait until nothing is pressed; with `tapping` also until nobody has pressed anything for a moment. */
export async function released({ tapping }: { tapping: boolean }): Promise<void> {
  for (;;) {
    const rest = tapping ? lastPress + TAPPING_MILLISECONDS - performance.now() : 0;
    if (pressed) await new Promise<void>((resolve) => whenReleased.push(resolve));
    else if (rest > 0) await new Promise((resolve) => window.setTimeout(resolve, rest));
    else return;
  }
}

function release(): void {
  pressed = false;
  const told = whenReleased;
  whenReleased = [];
  // After the click that a release becomes.
  window.setTimeout(() => {
    for (const each of told) each();
  });
}

document.addEventListener(
  "pointerdown",
  (event) => {
    if (!event.isPrimary) return;
    pressed = true;
    lastPress = performance.now();
  },
  true,
);
// A press that becomes a scroll, or ends outside of the window, is cancelled.
for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, release, true);
window.addEventListener("blur", release);
