// The courier's handheld: one thumb, big targets, works without a signal.
import { html, render, useState, useEffect, useRef, call, t, either, time, useLanguage, Sheet } from './common.js';
import { Deposit } from './deposit.js';
import { keepGrants } from './grants.js';
import { put, onChange, count, waiting, results, retry, sync, setClock } from './queue.js';
import { Proof } from './proof.js';
import { RouteMap } from './routemap.js';
import { Pickups, pickupsAt, pickupsElsewhere } from './pickups.js';
import { ScanBox } from './scan.js';
import { OwnSheet } from './shift.js';

const placeOf = (point) => either({ zh: point.name, en: point.name_en });
const reasons = ['no_contact', 'wrong_phone', 'not_enterable', 'reschedule', 'weather', 'traffic', 'locker_full', 'damaged', 'address'];
const kindWord = { door: 'to_door', locker: 'to_locker', station: 'to_station' };
const carried = ['loaded', 'out_for_delivery', 'attempt_failed', 'exception'];

// What was done here and not yet seen by the server, so that a scan shows at once, also offline.
const local = new Map(JSON.parse(localStorage.getItem('local') || '[]'));
const remember = (waybill, state) => { local.set(waybill, state); localStorage.setItem('local', JSON.stringify([...local].slice(-500))); };
const stateOf = (p) => local.get(p.waybill) || p.state;
const isLoaded = (p) => ['loaded', 'out_for_delivery', 'in_locker', 'at_station', 'signed'].includes(stateOf(p));
const failed = (p) => ['attempt_failed', 'exception'].includes(stateOf(p));
const finished = (p) => !['created', 'picked_up', 'relayed', 'arrived', 'sorted', ...carried].includes(stateOf(p));

function useRoute() {
  const [route, setRoute] = useState(JSON.parse(localStorage.getItem('route') || 'null')); // the last one, for when there is no signal
  const [problem, setProblem] = useState('');
  async function refresh() {
    try {
      const r = await call('GET', '/v1/courier/route');
      // the server's word replaces ours once nothing waits to be sent
      if ((await count()) === 0) { local.clear(); localStorage.setItem('local', '[]'); }
      setRoute(r);
      localStorage.setItem('route', JSON.stringify(r));
      keepGrants(r);
      setProblem('');
    } catch (e) { setProblem(e.message); }
  }
  useEffect(() => {
    refresh();
    const timer = setInterval(refresh, 15000);
    const source = new EventSource('/v1/courier/stream'); // the browser comes back by itself
    for (const word of ['route', 'reset']) source.addEventListener(word, refresh);
    return () => { clearInterval(timer); source.close(); };
  }, []);
  return { route, problem, refresh };
}

/** Says what waits; a touch shows each row: what waits, what the server found wrong, what it answered. */
function SyncState() {
  const [n, setN] = useState(0);
  const [on, setOn] = useState(navigator.onLine);
  const [rows, setRows] = useState(null);
  useEffect(() => {
    count().then(setN);
    const flip = () => setOn(navigator.onLine);
    addEventListener('online', flip); addEventListener('offline', flip);
    return onChange(setN);
  }, []);
  const look = async () => setRows([...(await waiting()), ...(await results())]);
  const word = (r) => (r.trouble ? r.trouble : r.result ? [t(r.result), ...r.flags.map(t)].join(' · ') : t('pending'));
  return html`<button class=${'sync ' + (n || !on ? 'waiting' : '')} onClick=${() => { sync(); look(); }} aria-live="polite">${on ? t('online') : t('offline')} · ${n ? `${n} ${t('pending')}` : t('synced')}</button>
    ${rows && html`<${Sheet} title=${t('sync')} onClose=${() => setRows(null)}>
      <ul class="rows">${rows.map((r) => html`<li key=${r.id} class=${r.trouble ? 'problem' : ''}><span class="mono">${r.waybill}</span> ${t('k_' + r.kind)} ${time(r.at)} <b>${word(r)}</b></li>`)}${!rows.length && html`<li>${t('none')}</li>`}</ul>
      <div class="row"><button onClick=${() => setRows(null)}>${t('close')}</button><button class="main" onClick=${() => retry().then(look)}>${t('retry')}</button></div><//>`}`;
}

/** The order once begun stays: what is new comes at its end, what another courier got leaves it. */
function loadOrder(route, all) {
  const key = 'order:' + route.plan_id;
  const begun = JSON.parse(localStorage.getItem(key) || 'null');
  if (!begun) return route.load_order;
  const here = new Set(all.map((p) => p.waybill));
  return [...begun.filter((w) => here.has(w)), ...route.load_order.filter((w) => !begun.includes(w))];
}
function keepOrder(route, order) {
  Object.keys(localStorage).filter((k) => k.startsWith('order:') && k !== 'order:' + route.plan_id).forEach((k) => localStorage.removeItem(k));
  localStorage.setItem('order:' + route.plan_id, JSON.stringify(order));
}

function Load({ route, onDone }) {
  const [, again] = useState(0);
  const [said, setSaid] = useState('');
  const all = route.stops.flatMap((s) => s.parcels);
  const order = loadOrder(route, all);
  const loaded = (w) => isLoaded(all.find((x) => x.waybill === w) || { waybill: w });
  const queue = useRef(Promise.resolve()); // one label after the other, however fast they come
  const scan = (w) => { queue.current = queue.current.then(() => take(w)); };
  async function take(w) {
    if (loaded(w)) { setSaid(`${w} · ${t('loaded_already')}`); return; }
    keepOrder(route, order);
    if (!(await put('load', w))) return;
    remember(w, 'loaded');
    setSaid(`${w} · ${order.includes(w) ? t('recorded') : t('unknown_parcel')}`);
    again((n) => n + 1);
  }
  async function depart() {
    await queue.current;
    for (const w of order) if (loaded(w)) { await put('out_for_delivery', w); remember(w, 'out_for_delivery'); }
    for (const p of all) if (stateOf(p) === 'loaded') { await put('out_for_delivery', p.waybill); remember(p.waybill, 'out_for_delivery'); }
    onDone();
  }
  const n = order.filter(loaded).length;
  return html`<section class="fill"><header class="bar"><button class="plain" onClick=${onDone}>‹ ${t('back')}</button><b>${t('load')} ${n}/${order.length}</b></header>
    <p class="hint">${t('load_hint')}</p>
    <ol class="list">${order.map((w, i) => html`<li class=${loaded(w) ? 'done' : ''}><button onClick=${() => scan(w)} aria-pressed=${!!loaded(w)}><span class="n">${i + 1}</span><span class="grow mono">${w}</span>${loaded(w) ? '✓' : ''}</button></li>`)}</ol>
    <footer class="actions"><p aria-live="polite">${said}</p><${ScanBox} onScan=${scan} /><button class="main" onClick=${depart} disabled=${!n && !all.some((p) => stateOf(p) === 'loaded')}>${t('depart')} (${n})</button></footer></section>`;
}

function Parcel({ p, stop, again }) {
  const [mode, setMode] = useState('');
  const act = async (kind, state, more) => { await put(kind, p.waybill, more); remember(p.waybill, state); setMode(''); again(); };
  const locker = stop.locker && stop.locker.code;
  if (finished(p)) return html`<li class="parcel done"><span class="grow mono">${p.waybill}</span><b>✓ ${t('done')}</b></li>`;
  return html`<li class="parcel">
    <div class="who"><b>${p.recipient}</b> ${p.phone}<br />${p.address}<br /><span class="mono">${p.waybill}</span> · ${p.size}${p.compartment ? ` · ${t('compartment')} ${p.compartment}` : ''}${p.cod_fen ? html` · <b class="cod">${t('cod')} ¥${(p.cod_fen / 100).toFixed(2)}</b>` : ''}</div>
    <div class="row">
      ${locker && html`<button class="main" onClick=${() => setMode('deposit')}>${t('to_locker')}</button>`}
      ${stop.kind === 'station' && html`<button class="main" onClick=${() => act('station_in', 'at_station')}>${t('to_station')}</button>`}
      <button class=${locker || stop.kind === 'station' ? '' : 'main'} onClick=${() => setMode('sign')}>${t('sign')}</button>
      <button onClick=${() => setMode('problem')}>${t('problem')}</button>
    </div>
    ${mode === 'deposit' && html`<${Deposit} parcel=${p} locker=${locker} onDone=${() => remember(p.waybill, 'in_locker')} onClose=${() => { setMode(''); again(); }} />`}
    ${mode === 'sign' && html`<${Proof} parcel=${p} onSign=${(detail) => act('sign', 'signed', { detail })} onCancel=${() => setMode('')} />`}
    ${mode === 'problem' && html`<${Sheet} title=${t('problem')} onClose=${() => setMode('')}><p class="mono">${p.waybill}</p>
      <div class="grid">${reasons.map((r) => html`<button onClick=${() => act(r === 'damaged' ? 'exception' : 'attempt_failed', 'attempt_failed', { reason: r })}>${t('r_' + r)}</button>`)}<button class="warn" onClick=${() => act('refuse', 'refused', { reason: 'refused' })}>${t('refused')}</button></div>
      <button class="plain" onClick=${() => setMode('')}>${t('cancel')}</button><//>`}
  </li>`;
}

function Stop({ stop, pickups, onBack, again }) {
  return html`<section class="fill"><header class="bar"><button class="plain" onClick=${onBack}>‹ ${t('back')}</button><b>${stop.seq} · ${placeOf(stop.point)}</b></header>
    <p class="hint">${t(kindWord[stop.kind])} ${stop.locker ? stop.locker.code : ''} · ${t('eta')} ${time(stop.eta)}${(stop.windows || []).map(([from, to]) => html` · ${t('open_hours')} ${time(from)}–${time(to)}`)}</p>
    <ul class="list parcels">${stop.parcels.map((p) => html`<${Parcel} key=${p.waybill} p=${p} stop=${stop} again=${again} />`)}<${Pickups} items=${pickups} again=${again} /></ul></section>`;
}

function Courier() {
  useLanguage();
  const { route, problem, refresh } = useRoute();
  const [view, setView] = useState('list');
  const [, again] = useState(0);
  const [pay, setPay] = useState(null);
  const [map, setMap] = useState(false);
  const [sun, setSun] = useState(localStorage.getItem('sun') === '1');
  useEffect(() => { document.body.classList.toggle('sun', sun); localStorage.setItem('sun', sun ? '1' : '0'); }, [sun]);
  useEffect(() => { call('GET', '/v1/courier/pay').then(setPay).catch(() => {}); }, [view, route]);
  if (!route) return html`<p class="hint">${problem || t('loading')}</p>`;
  const draw = () => again((n) => n + 1);
  const stops = route.stops.filter((s) => s.kind !== 'reload');
  if (view === 'load') return html`<${Load} route=${route} onDone=${() => { setView('list'); refresh(); }} />`;
  const stop = stops.find((s) => s.stop_id === view);
  if (stop) return html`<${Stop} stop=${stop} pickups=${pickupsAt(route, stop)} onBack=${() => { setView('list'); refresh(); }} again=${draw} />`;
  const all = stops.flatMap((s) => s.parcels);
  const toLoad = loadOrder(route, all).filter((w) => !isLoaded(all.find((p) => p.waybill === w) || { waybill: w }));
  const ready = all.some((p) => stateOf(p) === 'loaded'), away = all.some((p) => stateOf(p) === 'out_for_delivery');
  // what failed is gone back to once nothing else is left
  const next = stops.find((s) => s.parcels.some((p) => !finished(p) && !failed(p))) || stops.find((s) => s.parcels.some((p) => !finished(p)));
  const line = stops.map((s) => ({ seq: s.seq, id: s.stop_id, lat: s.point.lat, lon: s.point.lon, name: placeOf(s.point), done: s.parcels.every(finished) }));
  const find = (w) => { const s = stops.find((x) => x.parcels.some((p) => p.waybill === w)); if (s) setView(s.stop_id); else put('arrive', w); };
  return html`<section class="fill">
    <header class="bar"><${OwnSheet} name=${route.courier && route.courier.name} sun=${sun} onSun=${setSun} /><${SyncState} /></header>
    <p class="summary">${stops.length} ${t('stops')} · ${all.filter((p) => !finished(p)).length} ${t('to_do')} · ${(route.summary.metres / 1000).toFixed(1)} ${t('km')}${pay ? html` · ${t('earned')} <b>¥${(pay.fen / 100).toFixed(2)}</b>` : ''}</p>
    ${map && html`<${RouteMap} lines=${[{ name: '', profile: route.vehicle?.class, stops: line }]} site=${route.site} onPick=${(p) => setView(p.id)} />`}
    ${stops.length === 0 && html`<p class="hint">${t('no_route')}</p>`}
    <ol class="list stops">${stops.map((s) => {
      const left = s.parcels.filter((p) => !finished(p)).length, missed = s.parcels.filter(failed).length;
      return html`<li class=${'stop to-' + s.kind + (left ? '' : ' done')}><button onClick=${() => setView(s.stop_id)}><span class="n">${s.seq}</span><span class="grow"><b>${placeOf(s.point)}</b><small>${t(kindWord[s.kind])} ${s.locker ? s.locker.code : ''} · ${time(s.eta)}${missed ? html` · <b class="problem">${t('k_attempt_failed')} ${missed}</b>` : ''}${pickupsAt(route, s).length ? ` · ${t('to_pick_up')} ${pickupsAt(route, s).length}` : ''}</small></span><span class="left">${left || '✓'}</span></button></li>`;
    })}<${Pickups} items=${pickupsElsewhere(route, stops)} again=${draw} /></ol>
    <footer class="actions"><${ScanBox} onScan=${find} /><div class="row"><button aria-pressed=${map} onClick=${() => setMap(!map)}>${t('map')}</button>
      ${(toLoad.length || ready) && !away ? html`<button class="main" onClick=${() => setView('load')}>${t('load')} (${toLoad.length})</button>`
        : html`<button class="main" disabled=${!next} onClick=${() => setView(next.stop_id)}>${next ? `${t('next_stop')} ${next.seq}` : t('all_done')}</button>`}</div></footer>
  </section>`;
}

navigator.serviceWorker?.register('/sw.js').catch(() => {});
call('GET', '/v1/now').then((r) => setClock(r.now)).catch(() => {});
render(html`<${Courier} />`, document.getElementById('app'));
