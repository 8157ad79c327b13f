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

/** Remember the fields of a form of this page, but no passwords and no files. */
export function keep(form: HTMLFormElement, fields: FormData = new FormData(form)): void {
  const secret = new Set([...form.querySelectorAll<HTMLInputElement>("input[type=password]")].map((each) => each.name));
  const named = [...fields].filter((each): each is [string, string] => typeof each[1] === "string" && !secret.has(each[0]));
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

/** Fields of one name are filled in the order in which they were sent; a box that was not sent was not ticked. */
function fillIn(form: HTMLFormElement, fields: [string, string][]): void {
  const values = new Map<string, string[]>();
  for (const [name, value] of fields) values.set(name, [...(values.get(name) ?? []), value]);
  for (const control of form.elements) {
    if (control instanceof HTMLInputElement && ["radio", "checkbox"].includes(control.type)) {
      control.checked = values.get(control.name)?.includes(control.value) ?? false;
    } else if (control instanceof HTMLInputElement || control instanceof HTMLTextAreaElement || control instanceof HTMLSelectElement) {
      const value = control.type === "file" ? undefined : values.get(control.name)?.shift();
      if (value !== undefined) control.value = value;
    }
  }
}

/** What was typed here into a field of this name. */
export function typed(name: string): string {
  return read()[location.pathname]?.fields.find((each) => each[0] === name)?.[1] ?? "";
}

/** Fill in what was typed here before an interruption, or in any case; gives the form, or nothing when there was none. */
export function restore(always = false): HTMLFormElement | undefined {
  const kept = read()[location.pathname];
  if (!kept || !(always || sessionStorage.getItem(INTERRUPTED))) return undefined;
  sessionStorage.removeItem(INTERRUPTED);
  forget();
  if (Date.now() - kept.at > MINUTES * 60_000) return undefined;
  const form = [...document.forms].find((each) => each.getAttribute("action") === kept.action);
  if (form) fillIn(form, kept.fields);
  return form;
}
