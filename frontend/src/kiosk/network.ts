/** Without a network this page waits behind a notice, and goes on by itself: a browser's own error page never shows. */
import { reachable } from "../common/reaching";

const RETRY_MILLISECONDS = 3_000;
const away = document.getElementById("away");
let forGood = false;
let waiting: Promise<boolean> | undefined;

/** Hide this page behind the notice; `left`: until another one takes its place. */
export function hide(left = false): void {
  forGood ||= left;
  for (const dialog of document.querySelectorAll<HTMLDialogElement>("dialog[open]")) dialog.close();
  if (away) away.hidden = false;
}

/** Let so long go by, less when the browser says that there is a network again. */
export function pause(): Promise<void> {
  return new Promise((resolve) => {
    const timer = window.setTimeout(done, RETRY_MILLISECONDS);
    function done(): void {
      window.clearTimeout(timer);
      window.removeEventListener("online", done);
      resolve();
    }
    window.addEventListener("online", done);
  });
}

async function untilBack(): Promise<boolean> {
  hide();
  while (!(await reachable())) await pause();
  if (!forGood && away) away.hidden = true;
  waiting = undefined;
  return !forGood;
}

/** Wait until the server answers; says whether this page is still the one to go on with. */
export async function connected(): Promise<boolean> {
  if (!waiting && (await reachable())) return !forGood;
  return (waiting ??= untilBack());
}

window.addEventListener("offline", () => void connected());
