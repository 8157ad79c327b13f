/** A field that was marked as wrong loses its mark when it is mended, here and in the list of what is wrong. */
export {};

function mended(control: HTMLInputElement): boolean {
  if (control.type === "checkbox" || control.type === "radio") return control.checked;
  return control.value.trim() !== "" && control.checkValidity();
}

document.addEventListener("input", (event) => {
  const control = event.target as HTMLInputElement;
  const marked = control.closest<HTMLElement>("[aria-invalid=true], fieldset[aria-describedby]");
  const list = document.getElementById("problem");
  if (!marked || !list?.querySelector("[data-about]") || !mended(control)) return;
  marked.removeAttribute("aria-invalid");
  control.classList.remove("input-error");
  document.getElementById(marked.getAttribute("aria-describedby") ?? "")?.remove();
  marked.removeAttribute("aria-describedby");
  list.querySelector(`[data-about="${control.name}"]`)?.remove();
  if (!list.querySelector("li")) list.remove();
});
