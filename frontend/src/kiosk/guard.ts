/** No way out of the kiosk, also without a network, and nothing that the browser would remember of who was at it. */
import { askFirst } from "../common/reaching";
import { connected } from "./network";

const base = document.getElementById("kiosk")?.dataset.base;

/** The pages of the kiosk, and nothing else. */
function within(link: HTMLAnchorElement): boolean {
  return link.origin === location.origin && link.pathname.startsWith("/kiosk/");
}

document.addEventListener("click", (event) => {
  const link = (event.target as HTMLElement).closest<HTMLAnchorElement>("a[href]");
  if (!link || !base) return;
  const elsewhere = link.target && link.target !== "_self";
  if (elsewhere || !within(link) || event.ctrlKey || event.metaKey || event.shiftKey) return event.preventDefault();
  const here = link.pathname === location.pathname && link.search === location.search && link.hash;
  if (event.defaultPrevented || here || link.hasAttribute("data-leave")) return;
  event.preventDefault();
  void connected().then((goesOn) => goesOn && location.assign(link.href));
});

askFirst(() => Boolean(base), connected);

for (const name of ["contextmenu", "dragstart", "auxclick"]) document.addEventListener(name, (event) => event.preventDefault());

/** What people type is not offered to the next one. */
function forgetful(): void {
  for (const form of document.querySelectorAll("form:not([autocomplete=off])")) form.setAttribute("autocomplete", "off");
  for (const field of document.querySelectorAll("input[autocomplete]:not([autocomplete=off])")) field.setAttribute("autocomplete", "off");
}

forgetful();
document.addEventListener("htmx:after:swap", forgetful);

/** The screen that invites is where going back ends. */
if (document.querySelector("[data-welcome]")) {
  history.pushState(null, "", location.href);
  window.addEventListener("popstate", () => history.pushState(null, "", location.href));
}
