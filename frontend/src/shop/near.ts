/** "Use where I am now": the browser is asked only when the button is pressed. */

export function offer(): void {
  if (!("geolocation" in navigator)) return;
  for (const button of document.querySelectorAll<HTMLElement>("[data-locate][hidden]")) button.hidden = false;
}

document.addEventListener("click", (event) => {
  const button = (event.target as HTMLElement).closest<HTMLButtonElement>("[data-locate]");
  const form = button?.form;
  if (!button || !form) return;
  button.disabled = true;
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      for (const [name, value] of [["latitude", coords.latitude], ["longitude", coords.longitude]] as const) {
        const field = document.createElement("input");
        field.type = "hidden";
        field.name = name;
        field.value = value.toFixed(2);
        form.append(field);
      }
      form.submit();
    },
    () => {
      button.disabled = false;
      const note = form.querySelector<HTMLElement>("[data-near-note]");
      if (note) note.textContent = note.dataset.refused ?? "";
    },
    { maximumAge: 600_000, timeout: 15_000 },
  );
});

offer();
document.addEventListener("htmx:after:swap", offer);
