/** The board as it changes: the server says that something happened, the page asks for the part that shows it. */
import htmx from "htmx.org";
import { onBack, setAway } from "./network";
import { released } from "./pressing";
import { begun, busy, show, whole } from "./sending";

const TOGETHER_MILLISECONDS = 80;
const AWAY_AFTER_MILLISECONDS = 2_500;
const AGAIN_MILLISECONDS = 5_000;
const NOTE_MILLISECONDS = 8_000;

let source: EventSource | undefined;
let awayTimer = 0;
let changedTimer = 0;
let known = tasks();

function tasks(): Set<string> {
  return new Set([...document.querySelectorAll("[data-task]")].map((each) => each.id));
}

function wanted(): boolean {
  return document.querySelector("[data-live], [data-watch]") !== null;
}

function listen(): void {
  if (source || !wanted()) return;
  source = new EventSource("/store/live");
  source.addEventListener("listening", () => {
    window.clearTimeout(awayTimer);
    setAway(false);
    // What happened between drawing the page and listening is told to nobody.
    if (document.querySelector("[data-live]")) htmx.trigger(document.body, "kanava:changed");
  });
  source.addEventListener("changed", (event) => {
    window.clearTimeout(changedTimer);
    const { fulfilment_id } = JSON.parse(event.data) as { fulfilment_id?: string };
    changedTimer = window.setTimeout(() => changed(fulfilment_id), TOGETHER_MILLISECONDS);
  });
  source.addEventListener("reset", () => {
    stop();
    changed();
    listen();
  });
  source.addEventListener("ended", () => location.reload());
  source.onerror = () => {
    window.clearTimeout(awayTimer);
    awayTimer = window.setTimeout(() => setAway(source?.readyState !== EventSource.OPEN), AWAY_AFTER_MILLISECONDS);
    if (source?.readyState !== EventSource.CLOSED) return;
    stop();
    window.setTimeout(listen, AGAIN_MILLISECONDS);
  };
}

function stop(): void {
  source?.close();
  source = undefined;
}

function changed(fulfilmentId?: string): void {
  if (document.querySelector("[data-live]")) htmx.trigger(document.body, "kanava:changed");
  const watched = document.querySelector<HTMLElement>("[data-watch]")?.dataset.watch;
  if (watched && (!fulfilmentId || watched === fulfilmentId) && !busy() && !typing()) void refresh();
}

/** Somebody who is typing is not interrupted. */
function typing(): boolean {
  const fields = document.querySelectorAll<HTMLInputElement>("#content input:not([type=hidden])");
  return [...fields].some((each) => each === document.activeElement || each.value !== each.defaultValue);
}

async function refresh(): Promise<void> {
  try {
    const before = begun();
    const answer = await whole(await fetch(location.href, { headers: { Accept: "text/html" } }));
    await released({ tapping: false });
    if (answer.ok && before === begun() && !typing()) show(answer);
  } catch {
    setAway(true);
  }
}

document.addEventListener("htmx:after:swap", () => {
  const now = tasks();
  const fresh = [...now].filter((id) => !known.has(id));
  known = now;
  if (fresh.length === 0) return;
  for (const id of fresh) document.getElementById(id)?.toggleAttribute("data-new", true);
  const note = document.getElementById("new-work");
  note?.toggleAttribute("data-shown", true);
  window.setTimeout(() => note?.removeAttribute("data-shown"), NOTE_MILLISECONDS);
});

document.addEventListener("kanava:shown", () => {
  known = tasks();
  if (wanted()) listen();
  else stop();
});
onBack(() => {
  changed();
  listen();
});
window.addEventListener("pagehide", stop);
listen();
