"""What a first visit costs: bytes, script bytes, largest contentful paint and layout shift, in headless Chromium.

    .venv/bin/python tests/benchmarks/page_weight.py http://localhost:8000

Fast 3G is 1.6 Mbit/s down, 750 kbit/s up and 150 ms there and back; the processor is slowed down four times.
"""

import sys

from playwright.sync_api import Browser, sync_playwright

PAGES = ("/si/sl", "/si/sl/c/jackets", "/si/sl/p/{handle}", "/si/sl/search?q=jakna", "/si/sl/stores")
FAST_3G = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_638_400 / 8,
    "uploadThroughput": 768_000 / 8,
}
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
OBSERVE = """
window.measured = { lcp: 0, cls: 0 };
new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.measured.lcp = entry.startTime; })
  .observe({ type: "largest-contentful-paint", buffered: true });
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.measured.cls += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


def measure(browser: Browser, address: str, size: tuple[int, int]) -> dict[str, float]:
    """Visit a page for the first time."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, service_workers="block")
    page = context.new_page()
    page.add_init_script(OBSERVE)
    session = context.new_cdp_session(page)
    kinds: dict[str, str] = {}
    sizes: dict[str, float] = {}
    session.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
    session.on("Network.loadingFinished", lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}))
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", FAST_3G)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.goto(address, wait_until="load")
    page.wait_for_timeout(1500)
    found: dict[str, float] = page.evaluate("window.measured")
    script = sum(size for number, size in sizes.items() if kinds.get(number) == "Script")
    context.close()
    return {
        "kB": sum(sizes.values()) / 1000,
        "script kB": script / 1000,
        "LCP s": found["lcp"] / 1000,
        "CLS": found["cls"],
    }


def main(origin: str) -> None:
    """Print a line for each page and size: the median of three visits by LCP."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        page = browser.new_page()
        page.goto(f"{origin}/si/sl/c/jackets")
        link = page.locator("#listing article a").first.get_attribute("href") or ""
        page.close()
        for size in ((390, 844), (1440, 900)):
            for path in PAGES:
                address = origin + (link if "{handle}" in path else path)
                visits = sorted((measure(browser, address, size) for _ in range(3)), key=lambda visit: visit["LCP s"])
                figures = "  ".join(f"{name} {value:.3g}" for name, value in visits[1].items())
                print(f"{size[0]:5}  {path:28}  {figures}")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/") if len(sys.argv) > 1 else "http://localhost:8000")
