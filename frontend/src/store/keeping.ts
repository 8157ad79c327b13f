/** Forms of the store app are remembered as they are typed; a page that could not be fetched comes back with them. */
import { interrupted, keep, restore } from "../common/keeping";

document.addEventListener("input", (event) => {
  const form = (event.target as HTMLInputElement).form;
  if (form?.hasAttribute("data-keep")) keep(form);
});

if (document.querySelector("[data-offline]")) {
  interrupted();
  window.addEventListener("online", () => location.reload());
  window.setInterval(() => navigator.onLine && location.reload(), 10_000);
}
restore();
