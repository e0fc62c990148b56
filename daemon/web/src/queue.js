// The handheld's outbox: scans and lockers' receipts are put here first, with the time they truly happened, and leave when the
// server has answered for them. IndexedDB survives a closed page and a dead battery; ids made here make a repeat harmless. A scan
// belongs to who made it: another courier on the same handheld never sends it under his own name.
import { call, uuid7 } from './common.js';

const BATCH = 100, BATCH_BYTES = 256 * 1024, TWICE_MS = 2000, KEPT = 50, STORES = ['scans', 'sent', 'receipts'];

const open = new Promise((resolve, reject) => {
  const r = indexedDB.open('yizhan', 3);
  r.onupgradeneeded = () => {
    for (const name of STORES) if (!r.result.objectStoreNames.contains(name)) r.result.createObjectStore(name, { keyPath: 'id' });
  };
  r.onsuccess = () => resolve(r.result);
  r.onerror = () => reject(r.error);
});

/** One transaction over the stores; work(scans, sent, receipts) may return a request whose result is given back. */
const run = async (mode, work) => {
  const db = await open;
  return new Promise((resolve, reject) => {
    const tx = db.transaction(STORES, mode);
    const request = work(...STORES.map((name) => tx.objectStore(name)));
    tx.oncomplete = () => resolve(request && request.result);
    tx.onerror = () => reject(tx.error);
  });
};

const me = () => (JSON.parse(localStorage.getItem('me') || 'null') || {}).id || '';

let offset = 0; // server's business clock minus ours; kept for when there is no signal
export const setClock = (iso) => { offset = Date.parse(iso) - Date.now(); localStorage.setItem('offset', offset); };
offset = Number(localStorage.getItem('offset') || 0);
export const businessNow = () => new Date(Date.now() + offset).toISOString();

const mine = async () => (await run('readonly', (scans) => scans.getAll())).filter((s) => s.user === me());
const myReceipts = async () => (await run('readonly', (_, __, receipts) => receipts.getAll())).filter((r) => r.user === me());
export const waiting = async () => [...(await mine()), ...(await myReceipts())];
export const count = async () => (await waiting()).length;
/** What the server said last, newest first: {id, waybill, kind, at, result, flags}. */
export const results = async () => (await run('readonly', (_, sent) => sent.getAll())).reverse();

const listeners = new Set();
export const onChange = (f) => (listeners.add(f), () => listeners.delete(f));
const changed = async () => { const n = await count(); listeners.forEach((f) => f(n)); };

let last = { key: '', ms: 0 };
/** Keeps one scan; gives null when a scanner read the same label twice in a moment. */
export async function put(kind, waybill, more = {}) {
  const key = `${kind} ${waybill}`, ms = Date.now();
  if (key === last.key && ms - last.ms < TWICE_MS) return null;
  last = { key, ms };
  const scan = { id: uuid7(), waybill, kind, at: businessNow(), device: 'handheld', user: me(), ...more };
  await run('readwrite', (scans) => scans.put(scan));
  await changed();
  sync();
  return scan;
}

/** Keeps a receipt as the locker's screen showed it; the same one again changes nothing. */
export async function putReceipt(text, waybill) {
  await run('readwrite', (_, __, receipts) => receipts.put({ id: text, waybill, kind: 'deposit', at: businessNow(), user: me() }));
  await changed();
  sync();
}

/** The oldest scans that fit into one request. */
function batchOf(scans) {
  let bytes = 0;
  const n = scans.findIndex((s, i) => i === BATCH || ((bytes += JSON.stringify(s).length) > BATCH_BYTES && i > 0));
  return n < 0 ? scans : scans.slice(0, n);
}

const bare = ({ user, trouble, ...scan }) => scan;

/** Keeps the answers for a batch: what the server has leaves the outbox. */
function settle(batch, items) {
  return run('readwrite', (scans, sent) => {
    batch.forEach(({ id, waybill, kind, at }, i) => {
      scans.delete(id);
      sent.put({ id, waybill, kind, at, result: items[i].result, flags: items[i].flags || [] });
    });
    const keys = sent.getAllKeys();
    keys.onsuccess = () => keys.result.slice(0, -KEPT).forEach((k) => sent.delete(k));
  });
}

/** Sends a batch. One that the server finds wrong is halved until the row at fault stands alone, marked, never lost. */
async function send(batch) {
  try {
    await settle(batch, (await call('POST', '/v1/scans', { scans: batch.map(bare) })).items);
  } catch (e) {
    if (![400, 409, 413, 415, 422].includes(e.status)) throw e;
    if (batch.length === 1) {
      await run('readwrite', (scans) => scans.put({ ...batch[0], trouble: e.message }));
    } else {
      const half = batch.length >> 1;
      await send(batch.slice(0, half));
      await send(batch.slice(half));
    }
  }
}

/** Sends receipts. What is not a locker's word is marked, what could not be stored waits for the next round. */
async function sendReceipts(batch) {
  const { items } = await call('POST', '/v1/deposits/receipts', { receipts: batch.map((r) => r.id) });
  await run('readwrite', (_, sent, receipts) => batch.forEach((r, i) => {
    const { status, detail } = items[i];
    if (status === 'confirmed') {
      receipts.delete(r.id);
      sent.put({ id: r.id, waybill: r.waybill, kind: r.kind, at: r.at, result: 'recorded', flags: [] });
    } else if (status !== 'not_stored') {
      receipts.put({ ...r, trouble: detail || status });
    }
  }));
  return items.some((x) => x.status !== 'not_stored');
}

let syncing = false;
/** Sends what waits. */
export async function sync() {
  if (syncing) return;
  syncing = true;
  try {
    for (let scans; (scans = (await mine()).filter((s) => !s.trouble)).length;) {
      await send(batchOf(scans));
      await changed();
    }
    for (let receipts; (receipts = (await myReceipts()).filter((r) => !r.trouble)).length;) {
      if (!(await sendReceipts(receipts.slice(0, BATCH)))) break;
      await changed();
    }
  } catch { /* no signal: the next try is a moment away */ } finally {
    syncing = false;
  }
}

/** Tries again also what the server found wrong before. */
export async function retry() {
  const scans = await mine(), got = await myReceipts();
  await run('readwrite', (store, _, receipts) => {
    scans.filter((s) => s.trouble).forEach(({ trouble, ...s }) => store.put(s));
    got.filter((r) => r.trouble).forEach(({ trouble, ...r }) => receipts.put(r));
  });
  return sync();
}

addEventListener('online', sync);
setInterval(sync, 5000);
