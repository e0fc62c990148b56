// Sending by a locker: a resident drops a parcel off under a QR or a code; the park sees what lies there to be picked up.
import { html, useState, useEffect, call, t, language, dateTime } from './common.js';
import { Qr } from './qr.js';

const LOOK_MS = 10000;
const placeOf = (x) => (language() === 'en' && x.place_en ? x.place_en : x.place);

/** How to drop it off: the QR works always, the code once the locker was told. */
function Awaited({ back, act }) {
  return html`<p>${t('bring_to')} <b>${placeOf(back)} · ${back.locker}</b></p>
    ${back.qr && html`<p>${t('show_qr')}</p><${Qr} text=${back.qr} label=${t('show_qr')} />`}
    ${back.code ? html`<p>${t('or_code')}</p><p class="code" aria-label=${back.code}>${back.code.slice(0, 4)} ${back.code.slice(4)}</p>`
      : html`<button onClick=${() => act('return', {}, '')}>${t('ask_code')}</button>`}
    <p>${t('send_until')} <b>${dateTime(back.expires_at)}</b></p>
    <button class="plain" onClick=${() => act('return/cancel', {}, t('saved'))}>${t('keep_it')}</button>`;
}

function Choose({ lockers, act }) {
  const [locker, setLocker] = useState(lockers[0].locker);
  const [size, setSize] = useState('');
  return html`<p>${t('send_hint')}</p>
    ${lockers.map((l) => html`<label class="choice"><input type="radio" name="locker" checked=${locker === l.locker} onChange=${() => setLocker(l.locker)} /> ${placeOf(l)} · ${l.locker}${l.online ? '' : ` · ${t('offline')}`}</label>`)}
    <label>${t('size')} <select value=${size} onChange=${(e) => setSize(e.target.value)}><option value="">${t('size_same')}</option>${['S', 'M', 'L', 'XL'].map((s) => html`<option value=${s}>${s}</option>`)}</select></label>
    <button class="main" onClick=${() => act('return', size ? { locker, size } : { locker }, '')}>${t('send_back')}</button>`;
}

/** On the resident's page: what he received goes back to its shop. */
export function SendBack({ p, act }) {
  const back = p.return;
  if (!back && !p.can.includes('return')) return null;
  return html`<section class="card send-back"><h2>${t('send_back')}</h2>
    ${!back && html`<${Choose} lockers=${p.return_lockers} act=${act} />`}
    ${back && back.status === 'expected' && html`<${Awaited} back=${back} act=${act} />`}
    ${back && back.status !== 'expected' && html`<p><b>${t('send_' + back.status)}</b>${back.status === 'dropped' ? html` · ${back.locker} · ${t('compartment')} ${back.compartment}` : ''}</p><p class="mono">${back.waybill}</p>`}
  </section>`;
}

/** On the park's board: what lies in lockers to be picked up, and who comes by. */
export function DropOffs() {
  const [items, setItems] = useState([]);
  useEffect(() => {
    const look = () => call('GET', '/v1/sendings?status=dropped&limit=100').then((r) => setItems(r.items)).catch(() => {});
    look();
    const timer = setInterval(look, LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  if (!items.length) return null;
  return html`<section class="panel drop-offs"><h2>${t('drop_offs')} <small>${items.length}</small></h2>
    <ul class="waves">${items.map((x) => html`<li key=${x.id}><div><span class="mono">${x.waybill}</span> ${x.shop}</div>
      <div>${placeOf(x)} · ${x.locker} · ${t('compartment')} ${x.compartment} · ${dateTime(x.dropped_at)}</div>
      <div>${x.courier || x.visitor ? html`${t('comes_by')} ${x.courier || x.visitor}` : html`<b class="problem">${t('nobody_comes_by')}</b>`}</div></li>`)}</ul></section>`;
}
