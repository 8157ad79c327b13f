/** A simulation tells how far it is, line by line, and gives its result as the last line. */
interface Line {
  done?: number;
  total?: number;
  html?: string;
  problem?: string;
}

export function simulate(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-simulates]")) {
    if (form.dataset.ready) continue;
    form.dataset.ready = "yes";
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void run(form);
    });
  }
}

async function run(form: HTMLFormElement): Promise<void> {
  const running = form.querySelector<HTMLElement>("[data-running]")!;
  const bar = running.querySelector("progress")!;
  const count = running.querySelector<HTMLElement>("[data-count]")!;
  const button = form.querySelector("button")!;
  const result = form.parentElement!.querySelector<HTMLElement>("[data-result]")!;
  running.hidden = false;
  button.disabled = true;
  bar.removeAttribute("value");
  const show = (line: Line): void => {
    if (line.total) {
      bar.max = line.total;
      bar.value = line.done ?? 0;
      count.textContent = `${line.done} / ${line.total}`;
    }
    if (line.html) result.innerHTML = line.html;
    if (line.problem) result.textContent = line.problem;
  };
  try {
    const body = new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, String(value)]));
    const answer = await fetch(form.action, { method: "POST", body, headers: { accept: "application/x-ndjson" } });
    if (!answer.ok || !answer.body) throw new Error(String(answer.status));
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      const lines = (rest + value).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line) show(JSON.parse(line) as Line);
    }
  } catch {
    result.textContent = form.dataset.failed ?? "";
  } finally {
    running.hidden = true;
    button.disabled = false;
  }
}
