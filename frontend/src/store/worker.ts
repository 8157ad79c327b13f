/**
 * The service worker of the store app: keeps the built files and one page for when there is no network. Pages and what
 * they show are never kept: they are work, and change.
 */

/** Written in front of this file by the server: what is kept. */
declare const KEPT: string[];

interface LifeEvent extends Event {
  waitUntil(done: Promise<unknown>): void;
}
interface AskedEvent extends LifeEvent {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Worker {
  addEventListener(kind: "install" | "activate", then: (event: LifeEvent) => void): void;
  addEventListener(kind: "fetch", then: (event: AskedEvent) => void): void;
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
}

const worker = self as unknown as Worker;
const OFFLINE = "/store/offline";
const CACHE = `kanava-store-${KEPT.join().split("").reduce((sum, each) => (sum * 31 + each.charCodeAt(0)) >>> 0, 7)}`;

worker.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(KEPT)).then(() => worker.skipWaiting()));
});

worker.addEventListener("activate", (event) => {
  const old = caches
    .keys()
    .then((names) => names.filter((name) => name.startsWith("kanava-store-") && name !== CACHE))
    .then((names) => Promise.all(names.map((name) => caches.delete(name))));
  event.waitUntil(old.then(() => worker.clients.claim()));
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const { pathname } = new URL(request.url);
  if (request.method !== "GET") return;
  if (pathname.startsWith("/static/")) {
    event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
  } else if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(async (error) => (await caches.match(OFFLINE)) ?? Promise.reject(error)));
  }
});
