/** A session that ends in the middle of work takes nothing along, and who leaves something unsaved is asked. */
import { forget, interrupted, keep, restore } from "../common/keeping";

const unsaved = new Set<HTMLFormElement>();

document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (event.defaultPrevented || form.method !== "post") return;
  unsaved.delete(form);
  if (new URL(form.action).pathname.startsWith("/console/")) keep(form, new FormData(form, event.submitter));
});

/** `<form data-asks>`: its page is not left with something unsaved in it without a question. */
document.addEventListener("input", (event) => {
  const form = (event.target as HTMLInputElement).form;
  if (form?.hasAttribute("data-asks")) unsaved.add(form);
});
window.addEventListener("beforeunload", (event) => {
  if ([...unsaved].some((each) => each.isConnected)) event.preventDefault();
});

/** Say what was found again, where it is; a form in a dialog is opened for it. */
function show(form: HTMLFormElement): void {
  form.closest("dialog")?.showModal();
  if (form.hasAttribute("data-asks")) unsaved.add(form);
  form.dispatchEvent(new Event("change", { bubbles: true }));
  const words = document.getElementById("typed-again");
  const place = form.closest("dialog") ? form : document.getElementById("content");
  if (words instanceof HTMLTemplateElement) place?.prepend(words.content.cloneNode(true));
}

if (document.querySelector("[data-signed-out]")) interrupted();
else {
  const form = restore();
  if (form) show(form);
  else forget();
}
