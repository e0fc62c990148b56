// Putting a parcel into a locker: by the server while there is a signal, by a signed grant shown to the locker when not.
import { html, useState, useEffect, useRef, call, t, uuid7, Sheet } from './common.js';
import { grantFor } from './grants.js';
import { Qr } from './qr.js';
import { putReceipt } from './queue.js';
import { ScanBox } from './scan.js';

/** The locker's receipt for this very deposit (locker-fw/core/record.h): YZR1|locker|boot|seq|at|compartment|ref|… */
const isReceiptFor = (text, grant) => {
  const part = text.split('|');
  return part[0] === 'YZR1' && part[1] === grant.locker && part[6] === grant.deposit_id;
};

function WithoutNetwork({ grant, parcel, onDone }) {
  const [problem, setProblem] = useState('');
  const scan = async (text) => {
    if (!isReceiptFor(text, grant)) { setProblem(t('other_receipt')); return; }
    await putReceipt(text, parcel.waybill);
    onDone();
  };
  return html`<p class="huge"><small>${grant.locker} · ${t('compartment')}</small>${grant.compartment}</p>
    <p>${t('show_grant')}</p><${Qr} text=${grant.grant} label=${t('show_grant')} />
    <p>${t('scan_receipt')}</p><p class="problem" role="alert">${problem}</p><${ScanBox} onScan=${scan} />`;
}

export function Deposit({ parcel, locker: planned, onDone, onClose }) {
  const [locker, setLocker] = useState(planned);
  const [d, setD] = useState(null);
  const [problem, setProblem] = useState('');
  const [others, setOthers] = useState([]); // where it would fit when this locker is full
  const [grant, setGrant] = useState(null); // shown instead of a command, once there is no way to the locker
  const id = useRef(grantFor(parcel.waybill, planned)?.deposit_id || uuid7()); // the reservation itself, where there is one
  const cutOff = (into) => {
    const kept = grantFor(parcel.waybill, into);
    if (kept) { setD(null); setProblem(''); setGrant(kept); }
    return !!kept;
  };
  async function start(into = locker) {
    if (into !== locker) id.current = uuid7();
    setLocker(into);
    setProblem('');
    setOthers([]);
    setD({ status: 'opening' });
    try {
      const r = await call('POST', '/v1/deposits', { id: id.current, waybill: parcel.waybill, locker: into }, uuid7());
      if (r.reason === 'offline' && cutOff(into)) return;
      setD(r);
      if (['jammed', 'refused'].includes(r.status)) { setProblem(r.reason === 'offline' ? t('locker_offline') : t('not_opened')); id.current = uuid7(); }
    } catch (e) {
      if (e.status === 0 && cutOff(into)) return;
      setD(null);
      setOthers(e.body?.alternatives || []);
      setProblem({ 'no-consent': t('no_consent'), 'locker-full': t('locker_full') }[e.type] || e.message);
    }
  }
  async function say(item) {
    try { setD({ ...d, ...(await call('POST', `/v1/deposits/${id.current}/confirm`, { closed: true, item })) }); } catch (e) { setProblem(e.message); }
  }
  async function drop() {
    try { setD(await call('POST', `/v1/deposits/${id.current}/cancel`, {})); id.current = uuid7(); } catch (e) { setProblem(e.type === 'door-has-opened' ? t('door_has_opened') : e.message); }
  }
  // the door itself says when it is closed; asking keeps the screen true
  useEffect(() => {
    if (!d || !['open', 'opening', 'unknown'].includes(d.status)) return undefined;
    const timer = setInterval(async () => { try { setD(await call('GET', `/v1/deposits/${id.current}`)); } catch { /* again in a moment */ } }, 1000);
    return () => clearInterval(timer);
  }, [d && d.status]);
  const confirmed = d && d.status === 'confirmed';
  if (confirmed) onDone();
  return html`<${Sheet} title=${`${t('to_locker')} ${locker}`} onClose=${onClose}>
    <p class="mono">${parcel.waybill} · ${parcel.size}</p>
    ${grant && html`<${WithoutNetwork} grant=${grant} parcel=${parcel} onDone=${() => { onDone(); setGrant(null); setD({ status: 'confirmed', compartment: grant.compartment }); }} />`}
    ${d && d.compartment && html`<p class="huge" aria-live="assertive"><small>${locker} · ${t('compartment')}</small>${d.compartment}</p>`}
    <p aria-live="polite">${d ? { opening: t('opening'), open: t('door_open'), unknown: t('opening'), confirmed: t('deposited') }[d.status] : ''}</p>
    <p class="problem" role="alert">${problem}</p>
    ${others.length > 0 && html`<p>${t('alternatives')}</p><div class="grid">${others.map((o) => html`<button key=${o.locker} onClick=${() => start(o.locker)}>${o.locker} <small>${o.point}</small></button>`)}</div>`}
    ${d && d.status === 'unknown' && html`<button class="warn" onClick=${drop}>${t('cancel_deposit')}</button>`}
    ${d && d.status === 'open' && html`<div class="row"><button onClick=${() => say(false)}>${t('closed_empty')}</button><button onClick=${() => say(true)}>${t('closed_in')}</button></div>`}
    ${!grant && (!d || ['jammed', 'refused', 'void', 'failed'].includes(d.status)) && html`<button class="main" onClick=${() => start()}>${t('deposit')}</button>`}
    <button class=${confirmed ? 'main' : ''} onClick=${onClose}>${confirmed ? t('done') : t('close')}</button>
  <//>`;
}
