/** A barcode opens its product, on every page: from a scanner that types, or from the camera. */
import { goTo } from "../common/reaching";

const BETWEEN_KEYS_MILLISECONDS = 80;
const LENGTH_MIN = 6;
const base = document.getElementById("kiosk")?.dataset.base;

function scanned(text: string): void {
  if (base) goTo(`${base}/scan?code=${encodeURIComponent(text)}`);
}

let typed = "";
let lastKey = 0;
let field: HTMLInputElement | null = null;
let before = "";

// A scanner types faster than people, also when a field has the focus: that gets back what it had.
document.addEventListener(
  "keydown",
  (event) => {
    if (!base || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const target = event.target as HTMLElement;
    if (event.timeStamp - lastKey > BETWEEN_KEYS_MILLISECONDS) {
      typed = "";
      field = target instanceof HTMLInputElement ? target : null;
      before = field?.value ?? "";
    }
    lastKey = event.timeStamp;
    if (event.key.length === 1) typed += event.key;
    if (event.key !== "Enter") return;
    if (typed.length >= LENGTH_MIN && !document.querySelector<HTMLDialogElement>("dialog#idle[open]")) {
      event.preventDefault();
      event.stopPropagation();
      if (field) field.value = before;
      scanned(typed);
    }
    typed = "";
  },
  { capture: true },
);

document.addEventListener("click", (event) => {
  if (!(event.target as HTMLElement).closest("[data-scan-here]")) return;
  const dialog = document.getElementById("camera") as HTMLDialogElement;
  dialog.showModal();
  void import("../common/camera").then(
    ({ read }) => read(dialog, scanned),
    () => {
      for (const each of dialog.querySelectorAll<HTMLElement>("[data-says]")) each.hidden = each.dataset.says !== "failed";
    },
  );
});
