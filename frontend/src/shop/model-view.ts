/** A 3D model that one can turn, and put into one's own room where the phone can do that. */
import "@google/model-viewer";

export function show(stage: HTMLElement, given: DOMStringMap): void {
  const viewer = document.createElement("model-viewer");
  const wanted: Record<string, string> = {
    src: given.model ?? "",
    poster: given.poster ?? "",
    alt: given.alt ?? "",
    "camera-controls": "",
    ar: "",
    "ar-modes": "webxr scene-viewer quick-look",
    "touch-action": "pan-y",
    "shadow-intensity": "0.8",
    class: "block size-full",
  };
  for (const [name, value] of Object.entries(wanted)) viewer.setAttribute(name, value);
  stage.replaceChildren(viewer);
  stage.hidden = false;
}
