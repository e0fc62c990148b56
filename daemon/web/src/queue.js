// The handheld's outbox: scans are put here first, with the time they truly happened, and leave when the server has
// them. IndexedDB survives a closed page and a dead battery; ids made here make a repeat harmless.
import { call, uuid7 } from './common.js';

const open = new Promise((resolve, reject) => {
  const r = indexedDB.open('yizhan', 1);
  r.onupgradeneeded = () => r.result.createObjectStore('scans', { keyPath: 'id' });
  r.onsuccess = () => resolve(r.result);
  r.onerror = () => reject(r.error);
});

const run = async (mode, work) => {
  const db = await open;
  return new Promise((resolve, reject) => {
    const tx = db.transaction('scans', mode);
    const request = work(tx.objectStore('scans'));
    tx.oncomplete = () => resolve(request && request.result);
    tx.onerror = () => reject(tx.error);
  });
};

let offset = 0; // server's business clock minus ours; kept for when there is no signal
export const setClock = (iso) => { offset = Date.parse(iso) - Date.now(); localStorage.setItem('offset', offset); };
offset = Number(localStorage.getItem('offset') || 0);
export const businessNow = () => new Date(Date.now() + offset).toISOString();

export const count = () => run('readonly', (s) => s.count());
const listeners = new Set();
export const onChange = (f) => (listeners.add(f), () => listeners.delete(f));
const changed = async () => { const n = await count(); listeners.forEach((f) => f(n)); };

export async function put(kind, waybill, more = {}) {
  const scan = { id: uuid7(), waybill, kind, at: businessNow(), device: 'handheld', ...more };
  await run('readwrite', (s) => s.put(scan));
  await changed();
  sync();
  return scan;
}

let syncing = false;
/** Sends what waits, 100 at a time. Whatever the server has answered for leaves the queue: recorded, doubled or flagged. */
export async function sync() {
  if (syncing) return;
  syncing = true;
  try {
    for (;;) {
      const scans = await run('readonly', (s) => s.getAll(null, 100));
      if (!scans.length) break;
      const answer = await call('POST', '/v1/scans', { scans });
      await run('readwrite', (s) => answer.items.forEach((item, i) => s.delete(scans[i].id)));
      await changed();
    }
  } catch { /* no signal: the next try is a moment away */ } finally {
    syncing = false;
  }
}
addEventListener('online', sync);
setInterval(sync, 5000);
