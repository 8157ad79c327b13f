/** What every face does: sends forms once, says what a request could not do, opens and closes menus. */

/** A form that is being sent is not sent again by a second press. */
document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (form.method === "dialog" || form.hasAttribute("data-many")) return;
  if (form.dataset.sending) {
    event.preventDefault();
    return;
  }
  form.dataset.sending = "yes";
  window.setTimeout(() => delete form.dataset.sending, 3000);
});

/** A page that comes out of the browser's back-and-forward cache may have old forms and carts. */
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});

/** Selects that take effect at once: `<select data-submit>` sends its form. */
document.addEventListener("change", (event) => {
  const control = event.target as HTMLElement;
  if (control.matches("[data-submit]")) (control as HTMLInputElement).form?.requestSubmit();
});

/** Dialogs: `<button data-opens="id">`; the browser closes them by Escape and `<form method="dialog">`. */
document.addEventListener("click", (event) => {
  const opener = (event.target as HTMLElement).closest<HTMLElement>("[data-opens]");
  if (!opener) return;
  const dialog = document.getElementById(opener.dataset.opens ?? "");
  if (dialog instanceof HTMLDialogElement) dialog.showModal();
});
