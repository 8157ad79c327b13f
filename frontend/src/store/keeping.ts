/** What was typed into forms is there again after signing in anew, or after the network was away. */

const KEPT = "kanava:kept";
const INTERRUPTED = "kanava:interrupted";
const MINUTES = 60;

interface Kept {
  action: string;
  fields: [string, string][];
  at: number;
}

function read(): Record<string, Kept> {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? "{}") as Record<string, Kept>;
  } catch {
    return {};
  }
}

/** Remember the fields of a form of this page. */
export function keep(form: HTMLFormElement, fields: FormData = new FormData(form)): void {
  const named = [...fields].filter((each): each is [string, string] => typeof each[1] === "string");
  const kept = { [location.pathname]: { action: form.getAttribute("action") ?? "", fields: named, at: Date.now() } };
  sessionStorage.setItem(KEPT, JSON.stringify(kept));
}

/** The form has arrived: nothing is to be remembered. */
export function forget(): void {
  sessionStorage.removeItem(KEPT);
}

/** The next time that this page is shown, what was typed is filled in again. */
export function interrupted(): void {
  sessionStorage.setItem(INTERRUPTED, "yes");
}

function fillIn(form: HTMLFormElement, fields: [string, string][]): void {
  for (const [name, value] of fields) {
    const named = form.elements.namedItem(name);
    if (named instanceof RadioNodeList) named.value = value;
    else if (named instanceof HTMLInputElement && named.type === "radio") named.checked = named.value === value;
    else if (named instanceof HTMLInputElement || named instanceof HTMLSelectElement) named.value = value;
  }
}

function restore(): void {
  const kept = read()[location.pathname];
  if (!kept || !sessionStorage.getItem(INTERRUPTED)) return;
  sessionStorage.removeItem(INTERRUPTED);
  forget();
  if (Date.now() - kept.at > MINUTES * 60_000) return;
  const form = [...document.forms].find((each) => each.getAttribute("action") === kept.action);
  if (form) fillIn(form, kept.fields);
}

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
