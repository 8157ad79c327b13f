import "./console.css";
import "htmx.org";
import "./common";
import "./console/keeping";

/** Where one is stands in sight, also where the navigation is longer than the screen. */
document.querySelector("aside [aria-current=page]")?.scrollIntoView({ block: "nearest" });

/** A dialog whose form was refused stands open again, at the field that was wrong. */
const again = document.querySelector<HTMLDialogElement>("dialog[data-open]");
again?.showModal();
again?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();

/** Dialogs that a button inside closes without sending anything. */
document.addEventListener("click", (event) => {
  const target = event.target as HTMLElement;
  target.closest("[data-closes]")?.closest("dialog")?.close();
  // Menus that hang from a summary close when something else is pressed.
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.dropdown[open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = document.activeElement?.closest<HTMLDetailsElement>("details.dropdown[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
  }
  // `<input data-key="/">`: the key goes there from anywhere but a field.
  const typing = (event.target as HTMLElement).closest("input, textarea, select, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const wanted = [...document.querySelectorAll<HTMLElement>("[data-key]")].find((each) => each.dataset.key === event.key);
  if (wanted) {
    event.preventDefault();
    wanted.focus();
  }
});

/** A secret that is shown once: `<button data-copies>` copies the field beside it. */
document.addEventListener("click", (event) => {
  if (!(event.target as HTMLElement).closest("[data-copies]")) return;
  const field = document.querySelector<HTMLInputElement>("[data-copied]");
  if (!field) return;
  field.select();
  void navigator.clipboard?.writeText(field.value).then(() => {
    document.querySelector("[data-copied-note]")?.removeAttribute("hidden");
  });
});

async function islands(): Promise<void> {
  if (document.querySelector("[data-chart]")) (await import("./console/charts")).draw();
  if (document.querySelector("[data-hours]")) (await import("./console/hours")).edit();
  if (document.querySelector("[data-grid]")) (await import("./console/grid")).edit();
  if (document.querySelector("[data-upload]")) (await import("./console/import")).watch();
  if (document.querySelector("[data-simulates]")) (await import("./console/routing")).simulate();
}
void islands();
document.addEventListener("htmx:after:swap", () => void islands());
