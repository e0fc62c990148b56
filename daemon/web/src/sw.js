// Keeps the handheld's shell and its last route, so that the page opens without a signal.
const SHELL = 'shell-1';
const FILES = ['/courier', '/courier.js', '/common.js', '/queue.js', '/words.js', '/vendor.js', '/signature.js', '/style.css', '/icon.svg', '/app.webmanifest'];
self.addEventListener('install', (e) => e.waitUntil(caches.open(SHELL).then((c) => c.addAll(FILES)).then(() => self.skipWaiting())));
self.addEventListener('activate', (e) => e.waitUntil(caches.keys().then((keys) => Promise.all(keys.filter((k) => k !== SHELL).map((k) => caches.delete(k)))).then(() => self.clients.claim())));
self.addEventListener('fetch', (e) => {
  const url = new URL(e.request.url);
  const kept = FILES.includes(url.pathname) || url.pathname === '/v1/courier/route';
  if (e.request.method !== 'GET' || url.origin !== location.origin || !kept) return;
  e.respondWith(fetch(e.request).then((r) => {
    if (r.ok) { const copy = r.clone(); caches.open(SHELL).then((c) => c.put(url.pathname, copy)); }
    return r;
  }).catch(() => caches.match(url.pathname)));
});
