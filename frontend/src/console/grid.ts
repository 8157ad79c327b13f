/** Products as a sheet: arrow keys move, Enter and typing edit, a cell is saved by itself as soon as it is left. */

interface Answer {
  value: string;
  version: string;
  reason: string;
}

/** Cells of the same product (or of the same price) share a version: the one that was saved last counts for all. */
function remember(grid: HTMLElement, key: string, version: string): void {
  for (const cell of grid.querySelectorAll<HTMLElement>(`[data-of="${CSS.escape(key)}"]`)) cell.dataset.version = version;
}

function say(grid: HTMLElement, control: HTMLInputElement | HTMLSelectElement, state: string, words: string): void {
  const cell = control.closest<HTMLElement>("td")!;
  cell.dataset.state = state;
  control.setAttribute("aria-invalid", String(state === "refused"));
  const note = cell.querySelector<HTMLElement>("[data-note]")!;
  note.textContent = state === "refused" ? words : "";
  note.hidden = state !== "refused";
  grid.querySelector<HTMLElement>("[data-said]")!.textContent = words;
}

const waiting = new Map<string, Promise<void>>();
const CELLS = "kanava:cells";
const NAMED = ["field", "handle", "sku", "version", "was"] as const;
let signedOut = false;

type Control = HTMLInputElement | HTMLSelectElement;

/** The session is over: sign in, come back, and what was typed into cells is there and saved. */
function signInAgain(grid: HTMLElement): void {
  if (signedOut) return;
  signedOut = true;
  const typed = [...grid.querySelectorAll<Control>("[data-field]")].filter((each) => each.value !== each.dataset.was);
  const cells = typed.map((each) => [each.value, ...NAMED.map((name) => each.dataset[name] ?? "")]);
  sessionStorage.setItem(CELLS, JSON.stringify({ page: location.href, cells }));
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
}

/** Cells that could not be saved are saved now, from the version that they were typed over. */
function takeUp(grid: HTMLElement): void {
  const kept = JSON.parse(sessionStorage.getItem(CELLS) ?? "null") as { page: string; cells: string[][] } | null;
  sessionStorage.removeItem(CELLS);
  if (kept?.page !== location.href) return;
  for (const [value = "", field, handle, sku, version, was] of kept.cells) {
    const control = [...grid.querySelectorAll<Control>("[data-field]")].find(
      ({ dataset }) => dataset.field === field && dataset.handle === handle && (dataset.sku ?? "") === sku,
    );
    if (!control) continue;
    control.value = value;
    Object.assign(control.dataset, { version, was });
    void save(grid, control);
  }
}

async function save(grid: HTMLElement, control: Control): Promise<void> {
  const data = control.dataset;
  if (control.value === data.was) return;
  const key = data.of!;
  // One after the other for the same product: each needs the version that the one before made.
  const before = waiting.get(key) ?? Promise.resolve();
  const mine = before.then(async () => {
    say(grid, control, "saving", "");
    const body = new URLSearchParams({
      field: data.field!, handle: data.handle!, sku: data.sku ?? "", version: data.version!, was: data.was!, value: control.value,
    });
    try {
      const answer = await fetch(grid.dataset.grid!, { method: "POST", body, headers: { accept: "application/json" } });
      if (answer.status === 401) {
        signInAgain(grid);
        return;
      }
      const said = (await answer.json()) as Answer;
      if (answer.ok) {
        data.was = control.value = said.value;
        if (said.version) remember(grid, key, said.version);
        say(grid, control, "saved", grid.dataset.saved!);
      } else {
        if (said.version) remember(grid, key, said.version);
        if (answer.status === 412) data.was = said.value;
        say(grid, control, "refused", said.reason || grid.dataset.failed!);
      }
    } catch {
      say(grid, control, "refused", grid.dataset.failed!);
    }
  });
  waiting.set(key, mine);
  await mine;
}

function move(grid: HTMLElement, from: HTMLElement, down: number, right: number): void {
  const row = Number(from.dataset.row), column = Number(from.dataset.column);
  const step = down || right;
  for (let far = 1; far < 200; far++) {
    const next = grid.querySelector<HTMLInputElement>(
      `[data-row="${row + (down ? far * step : 0)}"][data-column="${column + (right ? far * step : 0)}"]`,
    );
    if (next) {
      next.focus();
      if (next instanceof HTMLInputElement) next.select();
      return;
    }
    if (right && far > 20) return; // beyond the last column
  }
}

export function edit(): void {
  for (const grid of document.querySelectorAll<HTMLElement>("[data-grid]")) {
    if (grid.dataset.ready) continue;
    grid.dataset.ready = "yes";
    const controlOf = (target: EventTarget | null): HTMLInputElement | HTMLSelectElement | null =>
      (target as HTMLElement).closest<HTMLInputElement | HTMLSelectElement>("[data-field]");
    grid.addEventListener("change", (event) => {
      const control = controlOf(event.target);
      if (control) void save(grid, control);
    });
    grid.addEventListener("keydown", (event) => {
      const control = controlOf(event.target);
      if (!control || event.ctrlKey || event.metaKey || event.altKey) return;
      const text = control instanceof HTMLInputElement ? control : null;
      const atStart = !text || (text.selectionStart === 0 && text.selectionEnd === text.value.length) || text.selectionEnd === 0;
      const atEnd = !text || text.selectionStart === text.value.length || (text.selectionStart === 0 && text.selectionEnd === text.value.length);
      if (event.key === "Escape" && text) {
        text.value = text.dataset.was!;
        text.select();
      } else if (event.key === "Enter") move(grid, control, event.shiftKey ? -1 : 1, 0);
      else if (text && event.key === "ArrowDown") move(grid, control, 1, 0);
      else if (text && event.key === "ArrowUp") move(grid, control, -1, 0);
      else if (event.key === "ArrowRight" && atEnd) move(grid, control, 0, 1);
      else if (event.key === "ArrowLeft" && atStart) move(grid, control, 0, -1);
      else return;
      if (event.key !== "Escape") event.preventDefault();
    });
    // Leaving with something unsaved asks first.
    window.addEventListener("beforeunload", (event) => {
      if (!signedOut && grid.querySelector('[data-state="saving"], [data-state="refused"]')) event.preventDefault();
    });
    takeUp(grid);
  }
}
