// Keeps the handheld's shell, so that the page opens without a signal: the network first, the kept copy when it does not
// answer in time. What the page knows (route, outbox) it keeps itself.
const SHELL = 'shell-5', PATIENCE_MS = 3000;
const FILES = ['/courier', '/courier.js', '/common.js', '/queue.js', '/scan.js', '/proof.js', '/deposit.js', '/grants.js', '/pickups.js', '/qr.js', '/uqr.js', '/shift.js', '/routemap.js', '/map.js', '/ground.js', '/mvt.js', '/signature.js', '/words.js', '/vendor.js', '/zxing.js', '/zxing-share.js', '/zxing.wasm', '/style.css', '/icon.svg', '/app.webmanifest'];
self.addEventListener('install', (e) => e.waitUntil(caches.open(SHELL).then((c) => c.addAll(FILES)).then(() => self.skipWaiting())));
self.addEventListener('activate', (e) => e.waitUntil(caches.keys().then((keys) => Promise.all(keys.filter((k) => k !== SHELL).map((k) => caches.delete(k)))).then(() => self.clients.claim())));

async function answer(request, name) {
  const fresh = fetch(request).then(async (r) => {
    if (r.ok) await (await caches.open(SHELL)).put(name, r.clone());
    return r;
  });
  const late = new Promise((_, reject) => setTimeout(reject, PATIENCE_MS));
  return Promise.race([fresh, late]).catch(async () => (await caches.match(name)) || fresh);
}
self.addEventListener('fetch', (e) => {
  const url = new URL(e.request.url);
  if (e.request.method === 'GET' && url.origin === location.origin && FILES.includes(url.pathname)) e.respondWith(answer(e.request, url.pathname));
});
