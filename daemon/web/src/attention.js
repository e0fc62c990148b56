// What falls behind, gathered from what the board knows, each with the way to act on it.
import { html, useState, t, either, dateTime, Sheet } from './common.js';

export const BEHIND_MIN = 30; // minutes after the plan at the next stop, from which a courier counts as late
const CUTOFF_MS = 45 * 60e3, OLD_BANDS = ['12-24', '>24'];
const place = (l) => either({ zh: l.point, en: l.point_en });
const taken = (l) => l.compartments.filter((c) => !['free', 'reserved'].includes(c.state)).length;
const doorsIn = (lockers, states) => lockers.flatMap((l) => l.compartments.filter((c) => states.includes(c.state)).map((c) => ({ l, c })));

/** Groups of {key, n, rows: [{text, more, act}]}, the worst first. `to` holds what a row may do: door, locker, band. */
export function findings(s, lockers, couriers, to) {
  const atLocker = (more) => (l) => ({ text: `${l.code} · ${place(l)}`, more: more(l), act: () => to.locker(l.code) });
  const atDoor = ({ l, c }) => ({ text: `${l.code} / ${c.n} · ${place(l)}`, more: t('s_' + c.state), act: () => to.door({ code: l.code, ...c }) });
  const old = s.backlog.filter((b) => OLD_BANDS.includes(b.band) && b.count);
  const closing = s.cutoff && s.cutoff.open && Date.parse(s.cutoff.at) - Date.parse(s.now) < CUTOFF_MS ? [s.cutoff] : [];
  const groups = [
    ['at_alarm', 'bad', lockers.filter((l) => l.alarms?.length).map(atLocker((l) => l.alarms.map((a) => t('al_' + a)).join(' · ')))],
    ['at_offline', 'bad', lockers.filter((l) => !l.online).map(atLocker((l) => (l.seen_at ? `${t('last_seen')} ${dateTime(l.seen_at)}` : '')))],
    ['at_cutoff', 'bad', closing.map((c) => ({ text: `${c.name || ''} ${dateTime(c.at)}`, more: `${c.open} ${t('parcels')}`, act: null })), closing[0]?.open],
    ['at_late', 'bad', couriers.filter((c) => c.behind_min > BEHIND_MIN).sort((a, b) => b.behind_min - a.behind_min).map((c) => ({ text: `${c.name} · ${c.code}`, more: `${c.behind_min} ${t('minutes')} · ${c.open} ${t('open_n')}`, act: () => to.courier(c.code) }))],
    ['at_old', 'bad', old.map((b) => ({ text: `${b.band} h`, more: `${b.count} ${t('parcels')}`, act: () => to.band(b.band) })), old.reduce((n, b) => n + b.count, 0)],
    ['at_jammed', 'warn', doorsIn(lockers, ['jammed', 'out_of_service', 'dirty']).map(atDoor)],
    ['at_overdue', 'warn', doorsIn(lockers, ['overdue']).map(atDoor)],
    ['at_full', 'warn', lockers.filter((l) => l.compartments.length && taken(l) === l.compartments.length).map(atLocker(() => ''))],
    ['at_absent', 'warn', couriers.filter((c) => c.open > 0 && c.shift === 'end').map((c) => ({ text: `${c.name} · ${c.code}`, more: `${c.open} ${t('open_n')}`, act: () => to.courier(c.code) }))],
  ];
  return groups.map(([key, tone, rows, n = rows.length]) => ({ key, tone, rows, n })).filter((g) => g.n);
}

export function Attention({ groups }) {
  const [open, setOpen] = useState('');
  const group = groups.find((g) => g.key === open);
  const go = (act) => { setOpen(''); act(); };
  return html`<section class="attention" aria-label=${t('attention')}>
    ${groups.map((g) => html`<button key=${g.key} class=${'need ' + g.tone} onClick=${() => setOpen(g.key)}>${t(g.key)} <b>${g.n}</b></button>`)}
    ${!groups.length && html`<p class="fine">✓ ${t('nothing_behind')}</p>`}
    ${group && html`<${Sheet} title=${`${t(group.key)} · ${group.n}`} onClose=${() => setOpen('')}>
      <ul class="needs">${group.rows.map((r) => html`<li><span class="grow"><b>${r.text}</b><small>${r.more}</small></span>${r.act && html`<button onClick=${() => go(r.act)}>${t('look')}</button>`}</li>`)}</ul>
      <p class="hint">${t(group.key + '_do')}</p><button onClick=${() => setOpen('')}>${t('close')}</button><//>`}
  </section>`;
}

/** Where it piles up, for who looks after more than one park. */
export function Sites({ sites }) {
  if (!sites || sites.length < 2) return null;
  return html`<section class="panel"><h2>${t('sites')}</h2><div class="scroll"><table><thead><tr>${['park_name', 'in_hub', 'oldest', 'out_now', 'at_offline', 'at_late'].map((k) => html`<th scope="col">${t(k)}</th>`)}</tr></thead><tbody>
    ${sites.map((s) => html`<tr class=${s.oldest_min > 12 * 60 || s.late ? 'behind' : ''}><td>${either({ zh: s.name, en: s.name_en })}</td><td>${s.backlog}</td><td>${s.oldest_min == null ? '' : `${(s.oldest_min / 60).toFixed(1)} h`}</td><td>${s.out}</td><td>${s.offline || ''}</td><td>${s.late || ''}</td></tr>`)}</tbody></table></div></section>`;
}
