/** What is folded open in the filters stays so, and the focus where it was, when the list is put in anew. */
export {};

let unfolded = new Set<string>();
let folded = new Set<string>();

document.addEventListener("htmx:before:swap", () => {
  const all = [...document.querySelectorAll<HTMLDetailsElement>("#listing details[data-keep]")];
  unfolded = new Set(all.filter((each) => each.open).map((each) => each.dataset.keep ?? ""));
  folded = new Set(all.filter((each) => !each.open).map((each) => each.dataset.keep ?? ""));
});

document.addEventListener("htmx:after:swap", () => {
  for (const each of document.querySelectorAll<HTMLDetailsElement>("#listing details[data-keep]")) {
    const key = each.dataset.keep ?? "";
    if (unfolded.has(key)) each.open = true;
    else if (folded.has(key)) each.open = false;
  }
});
