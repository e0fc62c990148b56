// What the day came to: figures from outside, the database's own checks, and the verdict.
import { execFileSync } from 'node:child_process';
import { sleep } from './clock.mjs';
import { load, readBoards } from './ledger.mjs';

const CONVERGE_S = 30;

function query(psql, sql) {
  return JSON.parse(execFileSync(psql, ['-qtAX', '-v', 'ON_ERROR_STOP=1', '-c', sql], { encoding: 'utf8', maxBuffer: 1 << 26 }).trim() || 'null');
}

export function percentile(sorted, p) {
  return sorted.length ? sorted[Math.min(sorted.length - 1, Math.ceil(p * sorted.length) - 1)] : null;
}

// HTTP request until the board drew the bolt, ms, from the boards' own ledger.
export function unlockTimes(opened, pulses) {
  const of = new Map();
  for (const e of pulses) {
    const key = `${e.locker}/${e.n}`;
    if (!of.has(key)) of.set(key, []);
    of.get(key).push(e.at);
  }
  const times = [];
  for (const o of opened) {
    const at = (of.get(`${o.locker}/${o.n}`) ?? []).find((t) => t >= o.sentAt && t <= o.answeredAt);
    if (at) times.push((at - o.sentAt) / 1000);
  }
  return times.sort((a, b) => a - b);
}

// Scans per second while a dock was busy; spells that overlap count as one.
export function scanRate(bursts) {
  let scans = 0;
  let busy = 0;
  let end = -1;
  for (const b of [...bursts].sort((x, y) => x.from - y.from)) {
    scans += b.scans;
    busy += Math.max(0, b.to - Math.max(b.from, end));
    end = Math.max(end, b.to);
  }
  return busy ? Math.round((scans * 1000) / busy) : 0;
}

// Everything that is under way has arrived: queues empty (I12). The seconds it took, or null.
async function converge(psql) {
  const from = performance.now();
  while (performance.now() - from < CONVERGE_S * 1000) {
    const open = query(psql, 'SELECT (SELECT count(*) FROM app.outbox WHERE done_at IS NULL AND failed_at IS NULL) + (SELECT count(*) FROM app.fold_queue)');
    if (open === 0) return (performance.now() - from) / 1000;
    await sleep(200);
  }
  return null;
}

// The invariants as yizhanctl counts them; violations are said by its exit code too.
function checks(day, ctl, conninfo) {
  let text = '';
  try {
    text = execFileSync(ctl, ['-d', conninfo, 'check'], { encoding: 'utf8', maxBuffer: 1 << 26 });
  } catch (e) {
    text = e.stdout ?? '';
  }
  try {
    return JSON.parse(text).invariants;
  } catch {
    day.violation('the invariants could not be checked');
    return [];
  }
}

// The city goes on while it is looked at: what came in between (a holding period that ended) has the same time to arrive.
async function settledChecks(day, psql, ctl, conninfo) {
  for (const from = performance.now(); ; await converge(psql)) {
    const found = checks(day, ctl, conninfo);
    const broken = found.filter((c) => c.violations > 0);
    if (!broken.length || broken.some((c) => !c.name.startsWith('I12')) || performance.now() - from > CONVERGE_S * 1000) return found;
  }
}

// o: day, psql, ctl, conninfo, wallFrom (real µs when the day began)
export async function summarize({ day, psql, ctl, conninfo, wallFrom }) {
  const converged = await converge(psql);
  const boards = readBoards(day.rig.ledger, wallFrom);
  load(psql, day.ledger, boards);
  const pulses = boards.filter((e) => e.event === 'pulse_on');
  const unlock = unlockTimes(day.opened, pulses);
  const states = query(psql, `SELECT coalesce(json_object_agg(state, n), '{}') FROM (SELECT state, count(*) AS n FROM app.parcel WHERE waybill LIKE '${day.prefix}%' GROUP BY 1 ORDER BY 1) x`);
  const accepted = day.ledger.acked.get('parcel')?.size ?? 0;
  const found = Object.values(states).reduce((a, b) => a + b, 0);
  const lost = accepted - found + (states.lost ?? 0);
  const invariants = await settledChecks(day, psql, ctl, conninfo);
  const broken = invariants.filter((c) => c.violations > 0);
  if (converged === null) day.violation(`I12: not everything had arrived ${CONVERGE_S} s after the day`);
  const sum = (key) => day.waves.reduce((a, w) => a + (w[key] ?? 0), 0);
  return {
    ok: broken.length === 0 && lost === 0 && day.violations.length === 0,
    city: day.city.city,
    roads: day.rig.roads ? 'map' : 'great circle',
    seed: day.seed,
    seconds: Math.round(day.seconds * 10) / 10,
    business_hours: Math.round((day.seconds * day.clock.rate) / 360) / 10,
    size: { parcels: accepted, couriers: day.city.couriers.length, lockers: day.city.lockers.length, points: day.city.points.length, sites: day.city.sites.length },
    parcels: states,
    lost,
    invariants,
    violations: day.violations,
    unlock_ms: { count: unlock.length, p50: percentile(unlock, 0.5), p99: percentile(unlock, 0.99), max: unlock.at(-1) ?? null },
    scans_per_s: scanRate(day.bursts),
    scans: day.ledger.scans.size,
    km_planned: Math.round(sum('metres') / 1000),
    waves: { count: day.waves.length, routes: sum('routes'), parcels: sum('parcels'), unassigned: sum('unassigned') },
    doors: { pulses: pulses.length, deposited: day.counts.deposited ?? 0, collected: day.counts.collected ?? 0, recalled: day.counts.recalled ?? 0 },
    converged_s: converged === null ? null : Math.round(converged * 10) / 10,
    counts: Object.fromEntries(Object.entries(day.counts).sort()),
    answers: Object.fromEntries(Object.entries(day.public.statuses).sort()),
    troubles: { count: day.troubles.length, first: day.troubles.slice(0, 20) },
  };
}

export function verdict(s) {
  const states = Object.entries(s.parcels).map(([k, n]) => `${k} ${n}`).join(', ');
  return [
    `parcels    ${s.size.parcels}: ${states}; lost ${s.lost}`,
    `checks     ${s.invariants.map((r) => `${r.name} ${r.violations ? `VIOLATED ×${r.violations}` : `good (${r.checked})`}`).join(', ')}`,
    `unlock     p50 ${s.unlock_ms.p50?.toFixed(1)} ms, p99 ${s.unlock_ms.p99?.toFixed(1)} ms of ${s.unlock_ms.count} deposits`,
    `scans      ${s.scans} in all, ${s.scans_per_s}/s at the docks`,
    `planned    ${s.km_planned} km on ${s.waves.routes} routes of ${s.waves.count} waves, ${s.roads === 'map' ? 'by road' : 'by great circle'}`,
    `day        ${s.business_hours} h of the city in ${s.seconds} s`,
    ...(s.troubles.count ? [`troubles   ${s.troubles.count}, the first: ${s.troubles.first[0]}`] : []),
    ...s.violations.map((v) => `VIOLATION  ${v}`),
    s.ok ? 'verdict    every parcel accounted for, no invariant violated' : 'verdict    NOT GOOD',
  ];
}
