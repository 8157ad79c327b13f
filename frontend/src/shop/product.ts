/** The page of a product: thumbnails move the gallery, the 3D view is fetched when it is asked for. */

document.addEventListener("click", (event) => {
  const thumbnail = (event.target as HTMLElement).closest<HTMLElement>("[data-picture]");
  if (thumbnail) {
    const gallery = document.querySelector<HTMLElement>("[data-gallery]");
    const picture = document.getElementById(`picture-${thumbnail.dataset.picture}`);
    if (!gallery || !picture) return;
    event.preventDefault();
    gallery.scrollTo({ left: picture.offsetLeft - gallery.offsetLeft, behavior: "smooth" });
    return;
  }
  const button = (event.target as HTMLElement).closest<HTMLButtonElement>("[data-model]");
  if (button) void showModel(button);
});

async function showModel(button: HTMLButtonElement): Promise<void> {
  const stage = document.getElementById("model-stage");
  if (!stage) return;
  button.disabled = true;
  await import("./model-view").then((view) => view.show(stage, button.dataset));
  button.hidden = true;
}

/** Buttons that do nothing without a script are hidden until there is one. */
export function reveal(): void {
  for (const button of document.querySelectorAll<HTMLElement>("[data-model][hidden]:not(:disabled)")) button.hidden = false;
}

reveal();
document.addEventListener("htmx:after:swap", reveal);
