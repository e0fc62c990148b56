// The park board: what comes in, what falls behind, what to do about it. Live by Server-Sent Events.
import { html, render, useState, useEffect, call, t, either, time, uuid7, LanguageButton, useLanguage, logout, Sheet, ThemeButton } from './common.js';
import { Attention, BEHIND_MIN, Sites, findings } from './attention.js';
import { ParkMap } from './parkmap.js';
import { RouteMap } from './routemap.js';
import { DropOffs } from './sending.js';

const LOOK_MS = 5000;

function useSummary() {
  const [s, setS] = useState(null);
  const [live, setLive] = useState(false);
  const [wave, setWave] = useState(0);
  useEffect(() => {
    call('GET', '/v1/park/summary').then(setS).catch(() => {});
    const source = new EventSource('/v1/park/stream');
    source.onopen = () => setLive(true);
    source.onerror = () => setLive(false); // the browser comes back by itself
    source.addEventListener('summary', (e) => setS(JSON.parse(e.data)));
    source.addEventListener('reset', () => call('GET', '/v1/park/summary').then(setS).catch(() => {}));
    source.addEventListener('wave', () => setWave((n) => n + 1));
    return () => source.close();
  }, []);
  return { s, live, wave };
}

const Tile = ({ word, value, tone }) => html`<div class=${'tile ' + (tone || '')}><span>${word}</span><b>${value ?? '–'}</b></div>`;

const HOUR_MS = 3600e3, HOURS = 16;
/** The last hours one by one, also those in which nothing came. */
function everyHour(known, now) {
  const last = Math.floor(Date.parse(now) / HOUR_MS), at = new Map(known.map((x) => [Math.floor(Date.parse(x.t) / HOUR_MS), x]));
  const first = Math.max(last - HOURS + 1, Math.min(last, ...at.keys()));
  return Array.from({ length: last - first + 1 }, (_, i) => at.get(first + i) || { t: new Date((first + i) * HOUR_MS).toISOString(), in: 0, out: 0 });
}

/** Bars by hour: arrivals and loads side by side, drawn as SVG. */
function Throughput({ series: known, now }) {
  const series = everyHour(known, now);
  const w = 560, h = 150, n = Math.max(series.length, 6), most = Math.max(1, ...series.map((x) => Math.max(x.in, x.out)));
  const x = (i) => 46 + (i * (w - 56)) / n, y = (v) => h - 20 - (v * (h - 34)) / most, bar = (w - 56) / n / 2.6;
  return html`<svg class="chart" viewBox=${`0 0 ${w} ${h}`} role="img" aria-label=${t('throughput')}>
    <text x="42" y="14" text-anchor="end">${most}</text><line x1="46" x2=${w} y1=${h - 20} y2=${h - 20} />
    ${series.map((p, i) => html`<g><rect class="in" x=${x(i)} y=${y(p.in)} width=${bar} height=${h - 20 - y(p.in)}><title>${t('arrivals')} ${p.in}</title></rect>
      <rect class="out" x=${x(i) + bar + 2} y=${y(p.out)} width=${bar} height=${h - 20 - y(p.out)}><title>${t('loads')} ${p.out}</title></rect>
      <text x=${x(i) + bar} y=${h - 5} text-anchor="middle">${time(p.t).slice(0, 2)}</text></g>`)}
  </svg><p class="legend"><i class="in"></i>${t('arrivals')} <i class="out"></i>${t('loads')}</p>`;
}

function Backlog({ bands, onPick }) {
  const most = Math.max(1, ...bands.map((b) => b.count));
  return html`<ul class="bands">${bands.map((b, i) => html`<li><button onClick=${() => onPick({ band: b.band })}><span>${b.band}</span><span class=${'meter age' + i}><i style=${`width:${(100 * b.count) / most}%`}></i></span><b>${b.count}</b></button></li>`)}</ul>`;
}

function Waves({ bump }) {
  const [waves, setWaves] = useState([]);
  const [problem, setProblem] = useState('');
  const [open, setOpen] = useState(null);
  const [drawn, setDrawn] = useState(null);
  const load = () => call('GET', '/v1/waves?limit=8').then((r) => setWaves(r.items)).catch((e) => setProblem(e.message));
  const busy = waves.some((w) => w.status === 'planning');
  useEffect(() => { load(); }, [bump]);
  useEffect(() => { const timer = setInterval(load, busy ? 1000 : 10000); return () => clearInterval(timer); }, [busy]);
  const act = async (path, body) => { setProblem(''); try { await call('POST', path, body, uuid7()); } catch (e) { setProblem(e.message); } load(); };
  return html`<section class="panel"><h2>${t('waves')}</h2>
    <button class="main" disabled=${busy || waves.some((w) => w.status === 'planned')} onClick=${() => act('/v1/waves', {})}>${busy ? t('planning') : t('plan')}</button>
    <p class="problem" role="alert">${problem}</p>
    <ul class="waves">${waves.map((w) => html`<li><div><b>${time(w.created_at)}</b> ${w.name || ''} <span class=${'tag ' + w.status}>${t(w.status)}</span></div>
      <div>${w.parcels} ${t('parcels')} · ${w.routes} ${t('routes')} · ${(w.metres / 1000).toFixed(0)} ${t('km')}${w.reason ? ` · ${w.reason}` : ''}</div>
      <div class="row">${w.status === 'planned' && html`<button class="main" onClick=${() => act(`/v1/waves/${w.id}/publish`, {})}>${t('publish')}</button><button class="plain" onClick=${() => { if (confirm(t('drop_sure'))) act(`/v1/waves/${w.id}/drop`, {}); }}>${t('drop')}</button>`}
        ${w.unassigned > 0 && html`<button class="warn" onClick=${() => setOpen(w.id)}>${t('unassigned')} ${w.unassigned}</button>`}
        ${w.routes > 0 && html`<button onClick=${() => setDrawn(w.id)}>${t('map')}</button>`}</div></li>`)}</ul>
    ${open && html`<${List} title=${t('unassigned')} path=${`/v1/waves/${open}/unassigned`} row=${(u) => html`<td class="mono">${u.waybill}</td><td>${u.point}</td><td>${u.size}</td><td>${either(u.text)}</td>`} head=${['waybill', 'place', 'size', 'why']} onClose=${() => setOpen(null)} />`}
    ${drawn && html`<${Routes} wave=${drawn} onClose=${() => setDrawn(null)} />`}
  </section>`;
}

function List({ title, path, row, head, onClose }) {
  const [items, setItems] = useState(null);
  useEffect(() => { call('GET', path).then((r) => setItems(r.items)).catch(() => setItems([])); }, [path]);
  return html`<${Sheet} title=${`${title} ${items ? items.length : ''}`} wide onClose=${onClose}>
    <div class="scroll"><table><thead><tr>${head.map((h) => html`<th scope="col">${t(h)}</th>`)}</tr></thead><tbody>${(items || []).map((i) => html`<tr>${row(i)}</tr>`)}</tbody></table>${items && !items.length ? html`<p class="hint">${t('none')}</p>` : ''}</div>
    <button onClick=${onClose}>${t('close')}</button><//>`;
}

function Routes({ wave, onClose }) {
  const [items, setItems] = useState(null);
  useEffect(() => { call('GET', `/v1/waves/${wave}/routes`).then((r) => setItems(r.items)).catch(() => setItems([])); }, [wave]);
  const lines = (items || []).map((r) => ({ name: r.courier.name, profile: r.vehicle, stops: r.stops.filter((p) => p.lat != null).map((p) => ({ ...p, name: p.point })) })).filter((l) => l.stops.length);
  return html`<${Sheet} title=${`${items ? items.length : ''} ${t('routes')}`} wide onClose=${onClose}>
    ${items ? html`<${RouteMap} lines=${lines} />` : t('loading')}
    <div class="scroll"><table><thead><tr>${['name', 'stops', 'parcels', 'km', 'minutes'].map((h) => html`<th scope="col">${t(h)}</th>`)}</tr></thead><tbody>${(items || []).map((r) => html`<tr><td>${r.courier.name} <small>${r.courier.code}</small></td><td>${r.stops.length}</td><td>${r.stops.reduce((n, p) => n + p.parcels, 0)}</td><td>${(r.metres / 1000).toFixed(1)}</td><td>${Math.round(r.seconds / 60)}</td></tr>`)}</tbody></table></div>
    <button onClick=${onClose}>${t('close')}</button><//>`;
}

/** What a path lists, asked again every few seconds. null: not answered yet. */
function useItems(path) {
  const [items, setItems] = useState(null);
  const load = () => call('GET', path).then((r) => setItems(r.items)).catch(() => {});
  useEffect(() => { load(); const timer = setInterval(load, LOOK_MS); return () => clearInterval(timer); }, []);
  return [items, load];
}

function Lockers({ items, load, pick, setPick }) {
  const [action, setAction] = useState('');
  const [said, setSaid] = useState('');
  const choose = (door) => { setPick(door); setAction(''); };
  async function act(e) {
    e.preventDefault();
    const reason = new FormData(e.target).get('reason');
    try { const r = await call('POST', `/v1/lockers/${pick.code}/compartments/${pick.n}/${action}`, { reason }, uuid7()); setSaid(`${pick.code} / ${pick.n} · ${t(action)} · ${t('s_' + r.status)}`); } catch (e) { setSaid(e.message); }
    choose(null);
    load();
  }
  const taken = (l) => l.compartments.filter((c) => !['free', 'reserved'].includes(c.state)).length;
  return html`<section class="panel lockers"><h2>${t('lockers')}</h2><p role="status">${said}</p><ul>${[...(items || [])].sort((a, b) => taken(b) / b.compartments.length - taken(a) / a.compartments.length).map((l) => html`<li id=${'locker-' + l.code} tabindex="-1">
      <div class="bar"><b>${l.code}</b><span class="grow">${either({ zh: l.point, en: l.point_en })}</span><span class=${'dot ' + (l.online ? 'on' : 'off')}>${l.online ? t('online') : t('offline')}</span><b>${taken(l)}/${l.compartments.length}</b></div>
      ${l.alarms?.length ? html`<p class="problem">${l.alarms.map((a) => t('al_' + a)).join(' · ')}${l.box?.hottest_mc != null ? ` · ${Math.round(l.box.hottest_mc / 1000)} °C` : ''}</p>` : ''}
      <div class="doors">${l.compartments.map((c) => html`<button class=${'door ' + c.state} title=${`${c.n} ${c.size} ${t('s_' + c.state)}`} aria-label=${`${l.code} ${c.n} ${t('s_' + c.state)}`} onClick=${() => choose({ code: l.code, ...c })}>${c.n}</button>`)}</div></li>`)}</ul>${items && !items.length ? html`<p class="hint">${t('none')}</p>` : ''}
    ${pick && html`<${Sheet} title=${`${pick.code} / ${pick.n} · ${pick.size} · ${t('s_' + pick.state)}`} onClose=${() => choose(null)}>
      <div class="grid">${['open', 'out_of_service', 'in_service', 'clean'].map((a) => html`<button class=${action === a ? 'chosen' : ''} aria-pressed=${action === a} onClick=${() => setAction(a)}>${t(a)}</button>`)}</div>
      ${action && html`<form onSubmit=${act}><label>${t('reason')}<input name="reason" required maxlength="200" autofocus /></label><button class="main wide">${t('confirm')}: ${t(action)}</button></form>`}
      <button class="plain" onClick=${() => choose(null)}>${t('cancel')}</button><//>`}
  </section>`;
}

function Couriers({ items }) {
  return html`<section class="panel couriers"><h2>${t('couriers')}</h2><div class="scroll"><table><thead><tr><th>${t('name')}</th><th>${t('on_board')}</th><th>${t('open_n')}</th><th>${t('planned')}</th><th>${t('behind')}</th></tr></thead><tbody>
    ${[...(items || [])].sort((a, b) => b.behind_min - a.behind_min || b.open - a.open || b.planned - a.planned).map((c) => html`<tr id=${'courier-' + c.code} tabindex="-1" class=${c.behind_min > BEHIND_MIN ? 'behind' : ''}><td>${c.name} <small>${c.code}</small></td><td>${c.on_board}</td><td><meter min="0" max=${Math.max(1, c.planned)} value=${c.planned - c.open}></meter> ${c.open}</td><td>${c.planned}</td><td>${c.behind_min ? `${c.behind_min} ${t('minutes')}` : ''}</td></tr>`)}</tbody></table>${items && !items.length ? html`<p class="hint">${t('none')}</p>` : ''}</div></section>`;
}

function Park() {
  useLanguage();
  const { s, live, wave } = useSummary();
  const [pick, setPick] = useState(null), [door, setDoor] = useState(null);
  const [lockers, loadLockers] = useItems('/v1/park/lockers'), [couriers] = useItems('/v1/park/couriers');
  if (!s) return html`<p class="hint">${t('loading')}</p>`;
  const n = (k) => s.states[k] || 0;
  const hub = s.backlog.reduce((a, b) => a + b.count, 0);
  const show = (id) => requestAnimationFrame(() => { const e = document.getElementById(id); e?.scrollIntoView({ block: 'center' }); e?.focus(); });
  const to = { door: setDoor, locker: (code) => show('locker-' + code), courier: (code) => show('courier-' + code), band: (band) => setPick({ band }) };
  const percent = (v) => (v == null ? '–' : `${(100 * v).toFixed(1)}%`);
  return html`<div class="park">
    <header class="bar"><b>${t('board')}</b><span class="clock">${time(s.now)}</span><span class=${'dot ' + (live ? 'on' : 'off')} aria-live="polite">${live ? t('live') : t('reconnecting')}</span><span class="grow"></span><${ThemeButton} /><${LanguageButton} /><button class="plain" onClick=${logout}>${t('logout')}</button></header>
    <${Attention} groups=${findings(s, lockers || [], couriers || [], to)} />
    <section class="tiles">
      <${Tile} word=${t('in_h')} value=${s.throughput.in_per_h} /><${Tile} word=${t('out_h')} value=${s.throughput.out_per_h} /><${Tile} word=${t('in_hub')} value=${hub} tone=${hub > 2000 ? 'bad' : ''} />
      <${Tile} word=${t('out_now')} value=${n('out_for_delivery')} /><${Tile} word=${t('in_lockers')} value=${s.lockers.occupied + '/' + s.lockers.usable} tone=${s.lockers.occupied > 0.85 * s.lockers.usable ? 'bad' : ''} /><${Tile} word=${t('signed_n')} value=${n('signed')} tone="good" />
      ${s.cutoff && html`<${Tile} word=${`${t('cutoff')} ${time(s.cutoff.at)}`} value=${s.cutoff.open} tone=${Date.parse(s.cutoff.at) - Date.parse(s.now) < 45 * 60e3 && s.cutoff.open ? 'bad' : ''} />`}<${Tile} word=${t('full_lockers')} value=${s.lockers.full} tone=${s.lockers.full ? 'bad' : ''} /><${Tile} word=${t('first_attempt')} value=${percent(s.first_attempt)} /><${Tile} word=${t('on_time')} value=${percent(s.on_time)} /><${Tile} word=${t('dwell')} value=${s.dwell.p50 == null ? '–' : Math.round(s.dwell.p50 / 60) + ' ' + t('minutes')} /><${Tile} word=${t('exceptions')} value=${s.exceptions} tone=${s.exceptions ? 'bad' : ''} />
    </section>
    <div class="columns">
      <div class="stack"><section class="panel"><h2>${t('throughput')}</h2><${Throughput} series=${s.throughput.series} now=${s.now} /><h2>${t('backlog')}</h2><${Backlog} bands=${s.backlog} onPick=${setPick} /></section><${Waves} bump=${wave} /><${DropOffs} /></div>
      <div class="stack"><section class="panel"><h2>${t('city_map')}</h2><${ParkMap} /></section><${Sites} sites=${s.sites} /><${Couriers} items=${couriers} /></div><${Lockers} items=${lockers} load=${loadLockers} pick=${door} setPick=${setDoor} />
    </div>
    ${pick && html`<${List} title=${`${t('backlog')} ${pick.band}`} path=${`/v1/park/parcels?band=${encodeURIComponent(pick.band)}&limit=200`} head=${['waybill', 'state', 'place', 'why']} row=${(p) => html`<td class="mono">${p.waybill}</td><td>${either(p.state_text)}</td><td>${p.point}</td><td>${p.why ? either(p.why) : ''}</td>`} onClose=${() => setPick(null)} />`}
  </div>`;
}
render(html`<${Park} />`, document.getElementById('app'));
