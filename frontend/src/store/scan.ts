/** Scanners that type, and the camera: what was read goes to the form or the address that the page names. */

const COLLECTION = /^kanava:collect:([0-9a-f-]{36}):([0-9]{6})$/;
const SCANNED = "kanava:scanned";
/** A scanner on Bluetooth may be as slow as a person; nobody types outside of a field, so this is generous. */
const BETWEEN_KEYS_MILLISECONDS = 250;
const LENGTH_MIN = 4;

/** Do what the page does with a code: into its form, else to the address in `data-scan-to`. */
export function scanned(text: string): void {
  const form = document.querySelector<HTMLFormElement>("form[data-scan]");
  const collection = COLLECTION.exec(text);
  if (collection) {
    const path = `/store/tasks/${collection[1]}/hand-over`;
    if (location.pathname !== path) {
      sessionStorage.setItem(SCANNED, text);
      location.assign(path);
      return;
    }
  }
  const field = form?.querySelector<HTMLInputElement>("[name=code]");
  if (form && field) {
    field.value = collection ? collection[2]! : text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    if (form.hasAttribute("data-quick")) form.requestSubmit();
    else form.querySelector<HTMLElement>("button:not([type=button])")?.focus();
    return;
  }
  const to = document.querySelector<HTMLElement>("[data-scan-to]")?.dataset.scanTo;
  if (to) location.assign(to + encodeURIComponent(text));
}

let typed = "";
let lastKey = 0;

document.addEventListener("keydown", (event) => {
  const target = event.target as HTMLElement;
  if (target.closest("input, textarea, select, dialog") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.timeStamp - lastKey > BETWEEN_KEYS_MILLISECONDS) typed = "";
  lastKey = event.timeStamp;
  if (event.key === "Enter") {
    if (typed.length >= LENGTH_MIN) {
      // Else the scanner would press whatever has the focus.
      event.preventDefault();
      scanned(typed);
    }
    typed = "";
  } else if (event.key.length === 1) {
    typed += event.key;
  }
});

document.addEventListener("click", (event) => {
  if (!(event.target as HTMLElement).closest("[data-camera]")) return;
  const dialog = document.getElementById("camera") as HTMLDialogElement;
  dialog.showModal();
  void import("../common/camera").then(
    ({ read }) => read(dialog, scanned),
    () => {
      for (const each of dialog.querySelectorAll<HTMLElement>("[data-says]")) each.hidden = each.dataset.says !== "failed";
    },
  );
});

/** Typing the name on a document means that it was seen; typing a code, that it is not needed. */
document.addEventListener("input", (event) => {
  const field = event.target as HTMLInputElement;
  const seen = field.form?.querySelector<HTMLInputElement>("[name=proof]");
  if (seen && field.value && (field.name === "code" || field.hasAttribute("data-chooses"))) seen.checked = field.name !== "code";
});

const kept = sessionStorage.getItem(SCANNED);
sessionStorage.removeItem(SCANNED);
if (kept) scanned(kept);
