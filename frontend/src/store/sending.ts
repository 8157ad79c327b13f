/**
 * Forms are sent in the background, one after the other, until they arrive: a minute without network loses nothing.
 * The answer is the page that the browser would have gone to; its content takes the place of this one.
 * Forms marked `data-whole`, and all forms without script, are sent as browsers do.
 */
import htmx from "htmx.org";
import { forget, interrupted, keep } from "../common/keeping";
import { pause, setAway } from "./network";
import { released } from "./pressing";

interface Sending {
  form: HTMLFormElement;
  url: string;
  fields: FormData;
}

/** A page as the server wrote it. */
export interface Answer {
  url: string;
  status: number;
  ok: boolean;
  redirected: boolean;
  text: string;
}

const RETRY_MILLISECONDS = 2_000;
const BUSY_ATTEMPTS_MAX = 5;
const waiting: Sending[] = [];
let running = false;
let lastSent = 0;
let sendings = 0;

/** How often sending has begun: an answer to something earlier does not show what was sent since. */
export function begun(): number {
  return sendings;
}

/** Read an answer to its end. */
export async function whole(answer: Response): Promise<Answer> {
  const { url, status, ok, redirected } = answer;
  return { url, status, ok, redirected, text: await answer.text() };
}

/** Whether something is on its way, or was a moment ago: what the server says of it is our own doing. */
export function busy(): boolean {
  return running || Date.now() - lastSent < 1_500;
}

/** An id for a change that is sent once more than the page was drawn. */
function newId(): string {
  // Not crypto.randomUUID: pages that are opened by plain HTTP do not have it.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((each) => each.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** Show at once what picking will have done; the answer puts it right. */
function anticipate(form: HTMLFormElement): void {
  const line = form.closest("[data-line]");
  const picked = line?.querySelector<HTMLElement>("[data-picked]");
  const wanted = line?.querySelector<HTMLElement>("[data-wanted]");
  if (!picked || !wanted) return;
  const now = Number(picked.textContent) + Number(form.dataset.adds ?? "0");
  picked.textContent = String(Math.min(now, Number(wanted.textContent)));
}

document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("data-whole")) return;
  if (!new URL(form.action).pathname.startsWith("/store/")) return;
  event.preventDefault();
  const fields = new FormData(form, event.submitter);
  waiting.push({ form, url: form.action, fields });
  if (form.hasAttribute("data-quick")) {
    for (const fresh of form.querySelectorAll<HTMLInputElement>("[data-fresh]")) fresh.value = newId();
    // A scanner that types does not wait for the answer: its next code must not be added to this one.
    const code = form.querySelector<HTMLInputElement>("[name=code]:not([type=hidden])");
    if (code) code.value = "";
    anticipate(form);
  } else {
    keep(form, fields);
  }
  if (!running) void sendAll();
});

async function sendAll(): Promise<void> {
  running = true;
  const mine = ++sendings;
  document.getElementById("content")?.setAttribute("aria-busy", "true");
  let answer: Answer | undefined;
  let tapping = false;
  while (waiting.length > 0) {
    answer = await untilItArrives(waiting[0]!);
    lastSent = Date.now();
    const sent = waiting.shift()!;
    if (new URL(answer.url).pathname === "/sign-in") {
      keep(sent.form, sent.fields);
      interrupted();
      location.assign(answer.url);
      return;
    }
    if (!answer.ok) {
      // What was refused is shown before anything else is sent.
      waiting.length = 0;
      break;
    }
    forget();
    tapping = sent.form.hasAttribute("data-quick");
  }
  running = false;
  if (!answer) return;
  if (answer.ok) await released({ tapping });
  // What was sent meanwhile is shown by its own answer.
  if (mine === sendings || !answer.ok) show(answer);
}

async function untilItArrives(what: Sending): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    try {
      const body = new URLSearchParams([...what.fields].map(([name, value]) => [name, String(value)]));
      const answer = await whole(await fetch(what.url, { method: "POST", body, headers: { Accept: "text/html" } }));
      setAway(false);
      if (![502, 503, 504].includes(answer.status) || attempt >= BUSY_ATTEMPTS_MAX) return answer;
    } catch {
      setAway(true);
    }
    await pause(RETRY_MILLISECONDS);
  }
}

/** What has been typed of the next code while the answer to the last one was on its way. */
function halfTyped(): string {
  const field = document.activeElement;
  return field instanceof HTMLInputElement && field.name === "code" && field.form?.hasAttribute("data-quick") ? field.value : "";
}

/** Put the content of another page in the place of this one's. */
export function show(answer: Answer): void {
  const found = new DOMParser().parseFromString(answer.text, "text/html");
  const [content, before] = [found.getElementById("content"), document.getElementById("content")];
  if (!content || !before || !found.getElementById("dock") || !document.getElementById("dock")) {
    location.assign(answer.url);
    return;
  }
  const elsewhere = new URL(answer.url).pathname !== location.pathname;
  const focused = document.activeElement?.id ?? "";
  if (answer.redirected || answer.ok) {
    if (elsewhere) history.pushState({ kanava: true }, "", answer.url);
    else history.replaceState({ kanava: true }, "", answer.url);
  }
  const typing = halfTyped();
  document.title = found.title;
  before.replaceWith(content);
  for (const id of ["dock", "rail"]) {
    const [now, then] = [found.getElementById(id), document.getElementById(id)];
    if (now && then) then.replaceWith(now);
  }
  htmx.process(content);
  tidyAddress();
  const refusal = document.getElementById("refusal");
  const field = document.getElementById(focused);
  if (typing && !refusal && !elsewhere && field instanceof HTMLInputElement) field.value = typing;
  if (elsewhere && answer.ok) window.scrollTo(0, 0);
  const next = refusal ?? (focused && document.getElementById(focused)) ?? content;
  (next || content).focus({ preventScroll: !refusal });
  document.dispatchEvent(new CustomEvent("kanava:shown"));
}

/** What has just been done is said once, not again when the page is read anew. */
function tidyAddress(): void {
  const address = new URL(location.href);
  if (!address.searchParams.has("said")) return;
  address.searchParams.delete("said");
  history.replaceState(history.state, "", address);
}

window.addEventListener("popstate", () => location.reload());
window.addEventListener("beforeunload", (event) => {
  if (waiting.length > 0 && running) event.preventDefault();
});
tidyAddress();
