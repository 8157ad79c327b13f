/** Nothing is left for a browser's own error page: before a form is sent, the server is asked whether it is there. */

const PATIENCE_MILLISECONDS = 5_000;

/** Whether the server answers. */
export async function reachable(): Promise<boolean> {
  try {
    const answer = await fetch("/health/live", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MILLISECONDS) });
    return answer.ok;
  } catch {
    return false;
  }
}

/** Forms of which `concerns` says so are sent when `may` has said yes; until then they stay as they are. */
export function askFirst(concerns: (form: HTMLFormElement) => boolean, may: () => Promise<boolean>): void {
  const [asking, cleared] = [new Set<HTMLFormElement>(), new Set<HTMLFormElement>()];
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (event.defaultPrevented || form.method === "dialog" || !concerns(form) || cleared.delete(form)) return;
    event.preventDefault();
    // Who presses again while the first press waits for its answer has pressed once.
    if (asking.has(form)) return;
    asking.add(form);
    void may().then((yes) => {
      asking.delete(form);
      delete form.dataset.sending;
      if (!yes || !form.isConnected) return;
      cleared.add(form);
      // The button may be gone: the page goes on while the server is asked.
      const pressed = event.submitter as HTMLButtonElement | null;
      form.requestSubmit(pressed?.form === form ? pressed : null);
    });
  });
}

/** Go to another page as a touch on a link does, so that whoever watches over links is asked. */
export function goTo(href: string): void {
  const link = document.createElement("a");
  link.href = href;
  link.hidden = true;
  document.body.append(link);
  link.click();
  link.remove();
}
