// The API's contract in small, for the pages' tests: one courier, one resident, one park, all in memory. It serves the
// built pages with the daemon's content security policy, and counts what it was sent. No business rule lives here.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

const CSP = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css', '.svg': 'image/svg+xml', '.wasm': 'application/wasm', '.webmanifest': 'application/manifest+json' };
const ENTRIES = { '/': '/index.html', '/courier': '/courier.html', '/park': '/park.html' };
const NOW = '2026-11-11T02:30:00Z';

const parcel = (n, deliver, state, more = {}) => ({ waybill: `YZ000000${n}`, state, deliver, size: 'SML'[n % 3], weight_g: 400 + n, recipient: '张*', phone: '138****' + (1000 + n), address: '洸河路社区***', cod_fen: 0, ...more });
const point = (code, name, name_en, kind, lat, lon) => ({ code, name, name_en, kind, lat, lon });

export function courierRoute(state = 'out_for_delivery') {
  return {
    plan_id: '01930000-0000-7000-8000-000000000001', version: 1, date: '2026-11-11', courier: { code: 'C01', name: '李师傅' }, vehicle: { code: 'V01', class: 'etrike' },
    site: { code: 'S01', name: '任城园区', lat: 35.41, lon: 116.58 },
    stops: [
      { seq: 1, stop_id: 's1', kind: 'locker', point: point('P1', '洸河社区', 'Guanghe Community', 'community', 35.415, 116.587), locker: { id: 'l1', code: 'L001' }, eta: '2026-11-11T03:00:00Z', windows: [], walk_s: 60, service_s: 90, parcels: [parcel(11, 'locker', state, { compartment: 7 }), parcel(12, 'locker', state, { compartment: 8 })] },
      { seq: 2, stop_id: 's2', kind: 'door', point: point('P2', '运河佳园', 'Canal Garden', 'community', 35.42, 116.595), locker: null, eta: '2026-11-11T03:20:00Z', windows: [['2026-11-11T00:00:00Z', '2026-11-11T12:00:00Z']], walk_s: 60, service_s: 90, parcels: [parcel(21, 'door', state, { cod_fen: 1250 }), parcel(22, 'door', state)] },
      { seq: 3, stop_id: 's3', kind: 'station', point: point('P3', '济宁学院', 'Jining University', 'campus', 35.43, 116.6), locker: null, eta: '2026-11-11T03:50:00Z', windows: [], walk_s: 60, service_s: 90, parcels: [parcel(31, 'station', state)] },
    ],
    load_order: state === 'sorted' ? ['YZ00000031', 'YZ00000021', 'YZ00000022', 'YZ00000011', 'YZ00000012'] : [],
    summary: { stops: 3, parcels: 5, metres: 8400, seconds: 5400, pay_fen: 600 },
  };
}

export function parkSummary(tick = 0) {
  return {
    now: NOW, throughput: { in_per_h: 420 + tick, out_per_h: 380, series: Array.from({ length: 12 }, (_, i) => ({ t: new Date(Date.parse(NOW) - (11 - i) * 3600e3).toISOString(), in: 200 + 30 * i, out: 150 + 25 * i })) },
    backlog: [['0-2', 320], ['2-6', 140], ['6-12', 36], ['12-24', 9], ['>24', 2]].map(([band, count]) => ({ band, count })),
    states: { arrived: 120, sorted: 380, out_for_delivery: 640, in_locker: 210, signed: 1890 }, dwell: { p50: 2400, p90: 5400, p99: 9000 },
    cutoff: { wave: '早班', at: '2026-11-11T03:00:00Z', open: 180 }, lockers: { count: 12, online: 11, doors: 288, usable: 286, occupied: 210, overdue: 6, full: 1 },
    couriers: { count: 40, out: 31 }, sites: [{ code: 'S01', name: '任城园区', name_en: 'Rencheng park', backlog: 420, oldest_min: 760, out: 400, offline: 1, late: 2 }, { code: 'S02', name: '兖州园区', name_en: 'Yanzhou park', backlog: 87, oldest_min: 95, out: 240, offline: 0, late: 0 }], first_attempt: 0.964, on_time: 0.981, exceptions: 7,
  };
}

const doors = (n, taken) => Array.from({ length: n }, (_, i) => ({ n: i + 1, size: 'SMLX'[i % 4], status: i === 5 ? 'out_of_service' : 'ok', door: 'closed', state: i === 5 ? 'out_of_service' : i < taken ? (i === 2 ? 'overdue' : 'occupied') : 'free' }));
const lockers = Array.from({ length: 8 }, (_, i) => ({ id: `l${i}`, code: `L00${i + 1}`, point: '洸河社区', point_en: 'Guanghe Community', online: i !== 3, seen_at: NOW, oldest: NOW, compartments: doors(24, 22 - 2 * i) }));
const couriers = Array.from({ length: 12 }, (_, i) => ({ id: `c${i}`, code: `C${10 + i}`, name: '李师傅', vehicle: 'etrike', planned: 160, open: 10 * i, on_board: 12 * i, behind_min: i % 5 ? 0 : 12 * i, position: null, shift: 'start' }));

export const tracked = () => ({
  waybill_masked: 'YZ****0011', brand: '山河速递', state: 'in_locker', state_at: NOW, state_text: { zh: '已投柜', en: 'In the locker' }, recipient: '张*', address: '洸河路社区***', place: '洸河社区', place_en: 'Guanghe Community',
  events: [{ at: '2026-11-10T08:00:00Z', kind: 'pickup', zh: '揽收', en: 'Picked up' }, { at: '2026-11-11T01:00:00Z', kind: 'deposit', zh: '已投柜', en: 'In the locker' }],
  deliver: 'locker', consent: 'locker', eta: null, locker: { name: 'L001', address: '洸河社区', compartment: 7, code: '48205917', deadline: '2026-11-12T01:00:00Z', phone: '0537-5550000', online: true },
  can: ['consent', 'refuse', 'extend', 'open', 'delegate'],
});

/** The one reservation that the courier may open without a network. */
export const GRANT = {
  deposit_id: '01930000-0000-7000-8000-0000000000d1', grant_id: '01930000-0000-7000-8000-0000000000d1', locker: 'L001', compartment: 7, waybill: 'YZ00000011',
  grant: `YZ1|open_deposit|L001|k1|01930000-0000-7000-8000-0000000000d1|-|0|7|01930000-0000-7000-8000-0000000000d1|1794360000000000|1794446400000000|0|-|-|${'A'.repeat(86)}`,
};

// a return that is awaited: the QR is a grant as the daemon signs it, 300 characters long
export const sending = () => ({
  id: '01930000-0000-7000-8000-00000000aaaa', status: 'expected', waybill: 'YZ00000077', shop: '鲁味坊', locker: 'L001', place: '洸河社区', place_en: 'Guanghe Community', online: true, compartment: null, size: 'M',
  qr: `YZ1|dropoff|L001|g1|01930000-0000-7000-8000-00000000bbbb|-|0|0|01930000-0000-7000-8000-00000000aaaa|1762827000000000|1763086200000000|0|M|-|${'A'.repeat(86)}`,
  created_at: NOW, expires_at: '2026-11-14T02:30:00Z', dropped_at: null, picked_up_at: null, ended_at: null, reason: null,
});
export const dropped = () => ({ ...sending(), status: 'dropped', compartment: 9, dropped_at: NOW, qr: undefined, courier: null, visitor: null });
export const pickup = (point_code, n) => ({ id: `01930000-0000-7000-8000-0000000000${n}`, waybill: `YZ000000${n}`, size: 'M', compartment: 9, shop: '鲁味坊', locker: 'L001', online: true, point: '洸河社区', point_en: 'Guanghe Community', point_code, dropped_at: NOW });

const user = { courier: { id: 'u1', login: 'courier', name: '李师傅', role: 'courier', lang: 'zh' }, park: { id: 'u2', login: 'park', name: '王站长', role: 'manager', lang: 'zh' } };
const problem = (status, slug, detail) => ({ status, body: { type: `urn:yizhan:problem:${slug}`, title: slug, status, detail } });
const ok = (body, status = 200) => ({ status, body });

/** Starts the mock on a free port. state is open to the tests: what was sent, and switches for what it answers. */
export async function startMock(root) {
  const state = { scans: new Map(), scanPosts: 0, poison: null, route: courierRoute(), waves: [], lockers, couriers, calls: [], streams: new Set(), tracked: tracked(), deposit: 'open', deposits: new Map(), dropped: [], recall: { grant_id: 'g', status: 'opened', compartment: 9, reason: null }, receipts: [], csp: [] };

  const summaryNow = () => (state.quiet ? { ...parkSummary(), backlog: [], cutoff: null } : parkSummary());
  // the fold in small: what a scan makes of a parcel on the route
  const becomes = { load: 'loaded', out_for_delivery: 'out_for_delivery', station_in: 'at_station', sign: 'signed', attempt_failed: 'attempt_failed', exception: 'exception', refuse: 'refused' };
  const fold = (s) => state.route.stops.flatMap((x) => x.parcels).filter((p) => p.waybill === s.waybill).forEach((p) => { p.state = becomes[s.kind] || p.state; });
  const scan = (s) => {
    fold(s);
    const again = state.scans.has(s.id);
    state.scans.set(s.id, s);
    return { id: s.id, result: again ? 'duplicate' : 'recorded', flags: s.waybill.startsWith('YZ') ? [] : ['unknown_parcel'] };
  };
  const wave = (w) => ({ name: '', created_at: NOW, parcels: 500, routes: 31, unassigned: 2, metres: 412000, seconds: 91000, ...w });
  const routes = [
    ['POST', /^\/v1\/sessions$/, (b) => (user[b.login] && b.password === 'pass' ? ok({ token: 't', expires: NOW, user: user[b.login] }, 201) : problem(401, 'bad-login', 'account or password is wrong'))],
    ['DELETE', /^\/v1\/sessions\/current$/, () => ok(null, 204)],
    ['GET', /^\/v1\/now$/, () => ok({ now: NOW })],
    ['GET', /^\/v1\/me$/, () => ok(user.courier)],
    ['GET', /^\/v1\/courier\/route$/, () => ok(state.route)],
    ['GET', /^\/v1\/courier\/pay$/, () => ok({ date: '2026-11-11', pieces: 20, fen: 2400, piece_fen: 120 })],
    ['GET', /^\/v1\/courier\/grants$/, () => ok({ items: [GRANT] })],
    ['POST', /^\/v1\/courier\/shift$/, (b) => ok(b)],
    ['POST', /^\/v1\/courier\/positions$/, (b) => ok({ recorded: b.points.length })],
    ['POST', /^\/v1\/deposits\/receipts$/, (b) => { state.receipts.push(...b.receipts); return ok({ items: b.receipts.map(() => ({ status: 'confirmed' })) }); }],
    ['POST', /^\/v1\/scans$/, (b) => {
      state.scanPosts++;
      if (b.scans.some((s) => s.waybill === state.poison)) return problem(422, 'invalid', 'a waybill has 6 to 32 characters');
      return ok({ items: b.scans.map(scan) });
    }],
    ['POST', /^\/v1\/deposits$/, (b) => {
      if (state.deposit === 'no-consent' || state.deposit === 'locker-full') {
        if (b.locker === 'L002') { state.deposits.set(b.id, { id: b.id, status: 'unknown', compartment: 3 }); return ok(state.deposits.get(b.id)); }
        const said = problem(409, state.deposit, state.deposit);
        said.body.alternatives = state.deposit === 'locker-full' ? [{ locker: 'L002', point: '洸河社区' }] : [];
        return said;
      }
      if (state.deposit === 'offline') return ok({ id: b.id, status: 'refused', reason: 'offline', compartment: 7 });
      const d = { id: b.id, status: state.deposit, compartment: 7 };
      state.deposits.set(b.id, d);
      return ok(d);
    }],
    ['GET', /^\/v1\/deposits\/([^/]+)$/, (b, id) => ok(state.deposits.get(id))],
    ['POST', /^\/v1\/deposits\/([^/]+)\/confirm$/, (b, id) => { const d = state.deposits.get(id); d.status = b.item ? 'confirmed' : 'void'; return ok(d); }],
    ['POST', /^\/v1\/deposits\/([^/]+)\/cancel$/, (b, id) => { const d = state.deposits.get(id); d.status = 'void'; return ok(d); }],
    ['GET', /^\/v1\/t\/([^/]+)$/, (b, token) => (token === 'TOKEN' ? ok(state.tracked) : problem(404, 'not-found', 'no such link'))],
    ['POST', /^\/v1\/t\/TOKEN\/consent$/, (b) => { state.tracked.deliver = b.how; return ok(b); }],
    ['POST', /^\/v1\/t\/TOKEN\/extend$/, () => { state.tracked.locker.deadline = '2026-11-13T01:00:00Z'; return ok({}); }],
    ['POST', /^\/v1\/t\/TOKEN\/refuse$/, () => { state.tracked.state = 'refused'; state.tracked.can = []; return ok({}); }],
    ['POST', /^\/v1\/t\/TOKEN\/delegate$/, () => ok({ token: 'OTHER' })],
    ['POST', /^\/v1\/t\/TOKEN\/return$/, (b) => { const again = state.tracked.return; state.tracked.return = again ? { ...again, code: '73120466' } : sending(); state.tracked.can = []; return ok(state.tracked.return, again ? 200 : 201); }],
    ['POST', /^\/v1\/t\/TOKEN\/return\/cancel$/, () => { state.tracked.return = null; state.tracked.can = ['return']; return ok({ status: 'cancelled' }); }],
    ['GET', /^\/v1\/sendings$/, () => ok({ items: state.dropped, next: null })],
    ['POST', /^\/v1\/sendings\/([^/]+)\/open$/, () => ok(state.recall)],
    ['POST', /^\/v1\/t\/TOKEN\/open$/, () => ok({ status: 'opened' }, 202)],
    ['GET', /^\/v1\/park\/summary$/, () => ok(summaryNow())],
    ['GET', /^\/v1\/park\/lockers$/, () => ok({ items: state.lockers })],
    ['GET', /^\/v1\/park\/couriers$/, () => ok({ items: state.couriers })],
    ['GET', /^\/v1\/park\/parcels$/, () => ok({ items: [{ waybill: 'YZ00000099', state_text: { zh: '落格', en: 'Sorted' }, point: '洸河社区', why: { reason: 'no_time', zh: '班次时间不足', en: 'No time left in any shift' } }], next: null })],
    ['GET', /^\/v1\/waves$/, () => { state.waves.forEach((w) => { if (w.status === 'planning' && --w.left <= 0) w.status = 'planned'; }); return ok({ items: state.waves, next: null }); }],
    ['POST', /^\/v1\/waves$/, () => { state.waves.unshift(wave({ id: `w${state.waves.length + 1}`, status: 'planning', left: 2 })); return ok({ id: state.waves[0].id, status: 'planning' }, 202); }],
    ['POST', /^\/v1\/waves\/([^/]+)\/publish$/, (b, id) => { const w = state.waves.find((x) => x.id === id); w.status = 'published'; return ok(w); }],
    ['POST', /^\/v1\/waves\/([^/]+)\/drop$/, (b, id) => { const w = state.waves.find((x) => x.id === id); w.status = 'dropped'; return ok(w); }],
    ['GET', /^\/v1\/waves\/([^/]+)\/routes$/, () => ok({ items: ['C10', 'C11'].map((code, k) => ({ route_id: code, courier: { code, name: '李师傅' }, start: NOW, end: NOW, metres: 9000, seconds: 5000, stops: courierRoute().stops.map((s) => ({ seq: s.seq, kind: s.kind, point: s.point.name, lat: s.point.lat + k / 100, lon: s.point.lon, eta: s.eta, parcels: 2 })) })) })],
    ['GET', /^\/v1\/waves\/([^/]+)\/unassigned$/, () => ok({ items: [{ waybill: 'YZ00000099', reason: 'no_time', detail: '', text: { zh: '班次时间不足', en: 'No time left in any shift' }, point: '洸河社区', size: 'M' }, { waybill: 'YZ00000098', reason: 'locker_full', detail: '', text: { zh: '柜满', en: 'The locker is full' }, point: '洸河社区', size: 'L' }] })],
    ['POST', /^\/v1\/lockers\/([^/]+)\/compartments\/(\d+)\/(\w+)$/, () => ok({ status: 'opened' }, 202)],
  ];

  function stream(res) {
    res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    res.write(`retry: 200\nevent: summary\ndata: ${JSON.stringify(summaryNow())}\n\n`);
    state.streams.add(res);
    res.on('close', () => state.streams.delete(res));
  }

  async function api(req, res, path) {
    let text = '';
    for await (const chunk of req) text += chunk;
    const body = text ? JSON.parse(text) : undefined;
    state.calls.push({ method: req.method, path, body, key: req.headers['idempotency-key'] });
    const found = routes.find(([m, p]) => m === req.method && p.test(path));
    const answer = found ? found[2](body, ...found[1].exec(path).slice(1)) : problem(404, 'not-found', path);
    res.writeHead(answer.status, { 'Content-Type': answer.status < 400 ? 'application/json' : 'application/problem+json' });
    res.end(answer.status === 204 ? undefined : JSON.stringify(answer.body));
  }

  async function page(res, path) {
    const name = path.startsWith('/t/') ? '/t.html' : ENTRIES[path] || path;
    try {
      if (name.includes('..')) throw new Error(name);
      const data = await readFile(join(root, name));
      res.writeHead(200, { 'Content-Type': TYPES[extname(name)] || 'application/octet-stream', 'Content-Security-Policy': CSP, 'Cache-Control': 'no-cache' });
      res.end(data);
    } catch {
      res.writeHead(404).end();
    }
  }

  const server = createServer((req, res) => {
    const path = new URL(req.url, 'http://x').pathname;
    if (path === '/v1/park/stream' || path === '/v1/courier/stream') stream(res);
    else if (path.startsWith('/v1/')) api(req, res, path).catch((e) => res.writeHead(500).end(String(e)));
    else page(res, path);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    state,
    url: `http://127.0.0.1:${server.address().port}`,
    push: (event, data) => state.streams.forEach((s) => s.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)),
    dropStreams: () => state.streams.forEach((s) => s.destroy()),
    close: () => { server.closeAllConnections(); server.close(); },
  };
}
