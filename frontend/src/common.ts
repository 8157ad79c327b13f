/** What every face does: sends forms once, says what a request could not do, opens and closes menus. */
import "./common/mending";

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

/** Dialogs: `<button data-opens="id">`, or a link to the same; the browser closes them by Escape and `<form method="dialog">`. */
document.addEventListener("click", (event) => {
  const opener = (event.target as HTMLElement).closest<HTMLElement>("[data-opens]");
  if (!opener) return;
  const dialog = document.getElementById(opener.dataset.opens ?? "");
  if (!(dialog instanceof HTMLDialogElement)) return;
  event.preventDefault();
  dialog.showModal();
});

/** A part of a page that could not be fetched: nothing is put in its place, so say that the press did nothing. */
function showTrouble(id: string): void {
  const words = document.getElementById(id);
  const place = document.getElementById("trouble");
  if (!(words instanceof HTMLTemplateElement) || !place) return;
  place.replaceChildren(words.content.cloneNode(true));
}

function clearTrouble(): void {
  document.getElementById("trouble")?.replaceChildren();
}

interface Asked {
  sourceElement?: Element;
  response?: { status: number };
}

/** A choice that takes effect at once and did not looks as it was before; it is not left below what says so. */
function takeBack({ sourceElement }: Asked): void {
  const form = sourceElement?.closest("form");
  if (!form?.querySelector("[data-submit]")) return;
  form.reset();
  form.scrollIntoView({ block: "center" });
}

document.addEventListener("htmx:response:error", (event) => {
  const { ctx } = (event as CustomEvent<{ ctx: Asked }>).detail;
  if ((ctx.response?.status ?? 0) < 500) return;
  takeBack(ctx);
  showTrouble("trouble-there");
});
document.addEventListener("htmx:error", (event) => {
  // Errors without a request are those of scripts; nobody waits for them.
  const { ctx } = (event as CustomEvent<{ ctx?: Asked }>).detail;
  if (!ctx) return;
  takeBack(ctx);
  showTrouble("trouble-between");
});
// htmx tells of a swap also where an answer of 5xx swapped nothing.
document.addEventListener("htmx:after:swap", (event) => {
  const { ctx } = (event as CustomEvent<{ ctx?: { response?: { status: number } } }>).detail;
  if ((ctx?.response?.status ?? 0) < 500) clearTrouble();
});
document.addEventListener("click", (event) => {
  if ((event.target as HTMLElement).closest("[data-clears-trouble]")) clearTrouble();
});
