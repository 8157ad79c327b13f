/** Forms that send files: one that is too large is told of before it is sent, and sending shows that it goes on. */
export function watch(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-upload]")) {
    if (form.dataset.watched) continue;
    form.dataset.watched = "yes";
    const input = form.querySelector<HTMLInputElement>("input[type=file]")!;
    const problem = form.querySelector<HTMLElement>("[data-upload-problem]")!;
    const largest = Number(form.dataset.uploadMax);
    const fits = (): boolean => {
      const large = [...(input.files ?? [])].find((file) => file.size > largest);
      problem.hidden = !large;
      problem.textContent = large ? `${large.name}: ${form.dataset.uploadWords ?? ""}` : "";
      input.setAttribute("aria-invalid", String(Boolean(large)));
      return !large;
    };
    input.addEventListener("change", fits);
    form.addEventListener("submit", (event) => {
      const button = form.querySelector<HTMLButtonElement>("button:not([type=button])");
      if (!fits()) event.preventDefault();
      else if (button) {
        button.setAttribute("aria-busy", "true");
        button.classList.add("loading-within");
      }
    });
  }
}
