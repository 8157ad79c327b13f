/** The counter: receipts on paper, and scans that wait for the answer to the one before. */

document.addEventListener("click", (event) => {
  if ((event.target as HTMLElement).closest("[data-prints]")) window.print();
});

const pending: string[] = [];

function field(form: HTMLFormElement): HTMLInputElement | null {
  return form.querySelector<HTMLInputElement>("[name=code]");
}

/** In a form whose numbers the server counts up, the next scan needs the numbers of the last one. */
document.addEventListener(
  "submit",
  (event) => {
    const form = event.target as HTMLFormElement;
    if (!form.hasAttribute("data-one-by-one")) return;
    if (document.getElementById("content")?.getAttribute("aria-busy") !== "true") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const code = field(form);
    if (code?.value) pending.push(code.value);
    if (code) code.value = "";
  },
  true,
);

document.addEventListener("kanava:shown", () => {
  const form = document.querySelector<HTMLFormElement>("form[data-one-by-one]");
  const next = form && !document.getElementById("refusal") ? pending.shift() : undefined;
  const code = form && field(form);
  if (!code || next === undefined) {
    pending.length = 0;
    return;
  }
  code.value = next;
  form.requestSubmit();
});
export {};
