// Keeps what was built, whose names change with their contents, and shows a page of its own when there is no network.
// Pages themselves are never kept: stock, prices and carts are those of now.
const CACHE = {{ json_for_script("shop " ~ version) }};
const FILES = {{ json_for_script(files) }};
const SHOP = new RegExp("^/[a-z0-9-]+/({{ languages_known | join('|') }})(/|$)");

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = caches.keys().then((names) => Promise.all(names.filter((name) => name.startsWith("shop ") && name !== CACHE).map((name) => caches.delete(name))));
  event.waitUntil(old.then(() => self.clients.claim()));
});

async function page(request, path) {
  const base = path.split("/").slice(0, 3).join("/");
  const cache = await caches.open(CACHE);
  try {
    const answer = await fetch(request);
    if (answer.ok && !(await cache.match(base + "/offline"))) cache.add(base + "/offline").catch(() => undefined);
    return answer;
  } catch (error) {
    const kept = await cache.match(base + "/offline");
    if (kept) return kept;
    throw error;
  }
}

async function built(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) cache.put(request, answer.clone());
  return answer;
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/static/dist/assets/")) event.respondWith(built(event.request));
  else if (event.request.mode === "navigate" && SHOP.test(url.pathname)) event.respondWith(page(event.request, url.pathname));
});
