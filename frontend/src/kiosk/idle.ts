/** Who goes away is forgotten: a question with a countdown, then the screen that invites, in place of this page. */

import { hide, pause } from "./network";

const SECOND = 1000;
const kiosk = document.getElementById("kiosk");
const dialog = document.getElementById("idle") as HTMLDialogElement | null;
const base = kiosk?.dataset.base ?? "";
const patience = Number(kiosk?.dataset.idle ?? 0);
const warning = Number(kiosk?.dataset.warning ?? 0);
let touchedAt = Date.now();
let leaving = false;

/** Go to the screen that invites, which forgets the customer; without a network, hide what is here until there is one. */
export async function leave(): Promise<void> {
  if (leaving) return;
  leaving = true;
  const welcome = `${base}/welcome`;
  for (;;) {
    try {
      const answer = await fetch(welcome, { cache: "no-store" });
      if (answer.ok) return location.replace(welcome);
    } catch {
      // There is no network.
    }
    for (const form of document.querySelectorAll("form")) form.reset();
    hide(true);
    await pause();
  }
}

function touched(): void {
  touchedAt = Date.now();
}

for (const name of ["pointerdown", "keydown", "scroll", "input"]) document.addEventListener(name, touched, { capture: true, passive: true });
dialog?.addEventListener("close", touched);

/** Pages that leave by themselves count down where one sees it; a touch begins anew. */
function countDown(quiet: number): boolean {
  const place = document.querySelector<HTMLElement>("[data-leaves-in]");
  if (!place) return false;
  const left = Number(place.dataset.leavesIn) - quiet;
  place.textContent = String(Math.max(0, left));
  if (left <= 0) void leave();
  return true;
}

function look(): void {
  const quiet = Math.floor((Date.now() - touchedAt) / SECOND);
  if (leaving || countDown(quiet) || !patience || !dialog) return;
  const left = patience + warning - quiet;
  if (left <= 0) return void leave();
  if (left > warning) return;
  const seconds = dialog.querySelector<HTMLElement>("[data-seconds]");
  if (seconds) seconds.textContent = String(left);
  if (!dialog.open) {
    for (const other of document.querySelectorAll<HTMLDialogElement>("dialog[open]")) other.close();
    dialog.showModal();
  }
}

if (kiosk) window.setInterval(look, SECOND / 2);

// What thanks for a cart that the phone has just taken counts from now.
document.addEventListener("htmx:after:swap", () => {
  if (document.querySelector("[data-leaves-in]")) touched();
});

document.addEventListener("click", (event) => {
  const link = (event.target as HTMLElement).closest("[data-leave]");
  if (!link) return;
  event.preventDefault();
  void leave();
});
