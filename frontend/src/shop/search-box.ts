/** The search field suggests while one types (ARIA combobox with a list box). Without it, it is a form like any other. */
import { goTo } from "../common/reaching";

const WAIT_MS = 160;
const form = document.querySelector<HTMLFormElement>("form[data-search]");
const input = form?.querySelector<HTMLInputElement>("input[type=search]");
const box = document.getElementById("suggestions");

if (form && input && box) {
  let timer = 0;
  let asked = "";
  let asking: AbortController | null = null;
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", "suggestions");
  input.setAttribute("aria-expanded", "false");

  const options = () => [...box.querySelectorAll<HTMLElement>("[role=option]")];
  const chosen = () => box.querySelector<HTMLElement>("[role=option][aria-selected=true]");

  const show = (open: boolean): void => {
    box.hidden = !open;
    input.setAttribute("aria-expanded", String(open));
    if (!open) choose(null);
  };

  const choose = (option: HTMLElement | null): void => {
    for (const each of options()) each.setAttribute("aria-selected", String(each === option));
    if (option) {
      input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  };

  const ask = async (): Promise<void> => {
    const text = input.value.trim();
    asking?.abort();
    if (text === asked) return show(options().length > 0 && text !== "");
    asked = text;
    if (!text) return show(false);
    asking = new AbortController();
    try {
      const answer = await fetch(`${form.dataset.search}?q=${encodeURIComponent(text)}`, {
        signal: asking.signal,
        headers: { "HX-Request": "true" },
      });
      if (!answer.ok) return show(false);
      box.innerHTML = await answer.text();
      show(options().length > 0 && document.activeElement === input);
    } catch {
      // The next letter was quicker, or there is no network: the field works as it is.
    }
  };

  input.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, WAIT_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !box.hidden) {
      event.preventDefault();
      return show(false);
    }
    if (event.key === "Enter") {
      const option = chosen();
      if (!option || box.hidden) return;
      event.preventDefault();
      goTo(option.dataset.href ?? "");
      return;
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const all = options();
    if (!all.length) return;
    event.preventDefault();
    show(true);
    const at = all.indexOf(chosen() as HTMLElement) + (event.key === "ArrowDown" ? 1 : -1);
    choose(all[(at + all.length) % all.length] ?? all[event.key === "ArrowDown" ? 0 : all.length - 1] ?? null);
  });
  box.addEventListener("pointerdown", (event) => {
    // Before the field loses the focus, which closes the list.
    const option = (event.target as HTMLElement).closest<HTMLElement>("[role=option]");
    if (option) {
      event.preventDefault();
      goTo(option.dataset.href ?? "");
    }
  });
  input.addEventListener("blur", () => show(false));
  input.addEventListener("focus", () => {
    if (input.value.trim() === asked && options().length && asked) show(true);
  });
}
