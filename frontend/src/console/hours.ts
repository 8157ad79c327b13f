/** The week grid of opening hours: Monday's times for the days until Friday with one press. */
export function edit(): void {
  const form = document.querySelector<HTMLFormElement>("form[data-hours]");
  const button = form?.querySelector<HTMLButtonElement>("[data-copy-first]");
  if (!form || !button || button.dataset.ready) return;
  button.dataset.ready = "yes";
  button.hidden = false;
  button.addEventListener("click", () => {
    const days = [...form.querySelectorAll<HTMLElement>("[data-day]")].map((day) => [...day.querySelectorAll<HTMLInputElement>("input")]);
    for (const day of days.slice(1, 5)) day.forEach((input, index) => (input.value = days[0]?.[index]?.value ?? ""));
    form.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
