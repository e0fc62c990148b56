// What residents dropped off at lockers, for the courier who comes by: he opens the compartment and scans it out.
import { html, useState, call, t, time, uuid7 } from './common.js';
import { put } from './queue.js';

const taken = new Set(); // what was scanned here, until the server's list follows

function Pickup({ item, again }) {
  const [said, setSaid] = useState('');
  const [opened, setOpened] = useState(false);
  const done = taken.has(item.id);
  async function open() {
    setSaid(t('opening'));
    try {
      const r = await call('POST', `/v1/sendings/${item.id}/open`, {}, uuid7());
      const ok = r.status === 'opened';
      setOpened(ok);
      setSaid(ok ? t('take_out') : r.reason === 'offline' ? t('locker_offline') : t('not_opened'));
    } catch (e) { setSaid(e.message); }
  }
  const out = async () => { taken.add(item.id); await put('pickup', item.waybill); again(); };
  if (done) return html`<li class="parcel done"><span class="grow mono">${item.waybill}</span><b>✓ ${t('k_pickup')}</b></li>`;
  return html`<li class="parcel pick"><div class="who"><b>${t('to_pick_up')}</b> ${item.shop}<br />${item.locker} · ${t('compartment')} <b>${item.compartment}</b> · ${item.size} · ${time(item.dropped_at)}<br /><span class="mono">${item.waybill}</span></div>
    <p aria-live="polite">${said}</p>
    <div class="row"><button class=${opened ? '' : 'main'} onClick=${open}>${t('open_locker')}</button><button class=${opened ? 'main' : ''} onClick=${out}>${t('taken_out')}</button></div></li>`;
}

/** On the courier's page: what waits for him in lockers; at one stop, or away from all of them. */
export const Pickups = ({ items, again }) => items.map((item) => html`<${Pickup} key=${item.id} item=${item} again=${again} />`);
export const pickupsAt = (route, stop) => (route.pickups || []).filter((x) => stop.point && x.point_code === stop.point.code);
export const pickupsElsewhere = (route, stops) => (route.pickups || []).filter((x) => !stops.some((s) => s.point && s.point.code === x.point_code));
