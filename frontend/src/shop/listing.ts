/** What is folded open in the filters stays so, and the focus where it was, when the list is put in anew. */

let open = new Set<string>();
let closed = new Set<string>();

document.addEventListener("htmx:before:swap", () => {
  const all = [...document.querySelectorAll<HTMLDetailsElement>("#listing details[data-keep]")];
  open = new Set(all.filter((each) => each.open).map((each) => each.dataset.keep ?? ""));
  closed = new Set(all.filter((each) => !each.open).map((each) => each.dataset.keep ?? ""));
});

document.addEventListener("htmx:after:swap", () => {
  for (const each of document.querySelectorAll<HTMLDetailsElement>("#listing details[data-keep]")) {
    const key = each.dataset.keep ?? "";
    if (open.has(key)) each.open = true;
    else if (closed.has(key)) each.open = false;
  }
});
