/** Less and more of something by thumb. */

document.addEventListener("click", (event) => {
  const button = (event.target as HTMLElement).closest<HTMLElement>("[data-step]");
  const field = button?.closest("[data-stepper]")?.querySelector<HTMLInputElement>("input");
  if (!button || !field) return;
  const wanted = (Number(field.value) || 1) + Number(button.dataset.step);
  const allowed = Math.min(Number(field.max), Math.max(Number(field.min), wanted));
  if (String(allowed) === field.value) return;
  field.value = String(allowed);
  field.dispatchEvent(new Event("change", { bubbles: true }));
});

export {};
