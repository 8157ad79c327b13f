/** What was typed at the checkout stays: without a network, and for who comes back in the same tab, until she has ordered. */
import { forget, keep, restore, typed } from "../common/keeping";
import { askFirst, reachable } from "../common/reaching";

function checkout(): HTMLFormElement | null {
  return document.querySelector("form#checkout");
}

/** Remember what she typed and chose; not what the page wrote into it, and that she agrees she says anew. */
function remember(form: HTMLFormElement): void {
  const fields = new FormData(form);
  for (const each of form.querySelectorAll<HTMLInputElement>("input[type=hidden], #terms")) fields.delete(each.name);
  for (const [name, value] of [...fields]) if (value === "") fields.delete(name);
  keep(form, fields);
}

/** Have the deliveries shown for the postal code that was filled in, with the one that she had chosen. */
function askAgain(form: HTMLFormElement, delivery: string): void {
  const code = form.querySelector<HTMLInputElement>("#postal_code");
  if (!code?.value) return;
  if (delivery && !form.querySelector("[name=delivery]")) {
    const chosen = document.createElement("input");
    Object.assign(chosen, { type: "hidden", name: "delivery", value: delivery });
    form.append(chosen);
  }
  code.dispatchEvent(new Event("change", { bubbles: true }));
}

const opened = checkout();
if (opened) {
  // A page that answers what was sent says what the server knows of it.
  const delivery = typed("delivery");
  const again = opened.hasAttribute("data-fresh") && restore(true);
  remember(opened);
  // Not before htmx has seen the page.
  if (again) document.addEventListener("DOMContentLoaded", () => window.setTimeout(askAgain, 0, opened, delivery));
}

document.addEventListener("input", (event) => {
  const form = checkout();
  if (form && (event.target as HTMLInputElement).form === form) remember(form);
});
document.addEventListener("submit", (event) => {
  if (/\/account\/(sign-out|delete)/.test((event.target as HTMLFormElement).getAttribute("action") ?? "")) forget();
});
if (document.querySelector("[data-ordered]")) forget();

askFirst(
  (form) => form.id === "checkout",
  async () => {
    const there = await reachable();
    document.getElementById("unsent")?.toggleAttribute("hidden", there);
    return there;
  },
);
