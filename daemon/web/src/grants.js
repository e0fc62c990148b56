// What a courier may open without a network: the signed grants for his reserved compartments, fetched while there is a
// signal and kept on the handheld until the locker's scanner reads them.
import { call } from './common.js';

const AGAIN_MS = 30 * 60 * 1000, RETRY_MS = 60 * 1000;
const kept = () => JSON.parse(localStorage.getItem('grants') || '{}');
let asked = 0;

/** Fetches them when the plan changed, or when those kept grow old: a grant lives for a day. */
export async function keepGrants(route) {
  const { plan, at = 0 } = kept();
  const now = Date.now(), key = `${route.plan_id}/${route.version}`;
  if (!route.stops.some((s) => s.kind === 'locker') || (plan === key && now - at < AGAIN_MS) || now - asked < RETRY_MS) return;
  asked = now;
  try {
    const { items } = await call('GET', '/v1/courier/grants');
    localStorage.setItem('grants', JSON.stringify({ plan: key, at: now, items: items.filter((g) => g.grant) }));
  } catch { /* those kept still hold */ }
}

/** {deposit_id, locker, compartment, waybill, grant}, or undefined where nothing was reserved for this parcel there. */
export const grantFor = (waybill, locker) => (kept().items || []).find((g) => g.waybill === waybill && g.locker === locker);
