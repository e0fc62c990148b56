// One courier begins deposits, one after the other; prints how long from the request to the pulse, and to the answer.
import crypto from 'node:crypto';
import fs from 'node:fs';
import { Client } from '../../contrib/day/http.mjs';
import { Clock, sleep } from '../../contrib/day/clock.mjs';
import { readBoards } from '../../contrib/day/ledger.mjs';
import { percentile, unlockTimes } from '../../contrib/day/summary.mjs';

const [, , folder, count, bus] = process.argv;
const deposits = Number(count);
const rig = JSON.parse(fs.readFileSync(`${folder}/rig.json`));
const city = JSON.parse(fs.readFileSync(`${folder}/city.json`));
const client = new Client(rig.url, { ca: fs.readFileSync(rig.ca), sockets: 2 });
const realUs = () => Math.round(Clock.real() * 1000);

function uuid7(ms) {
  const b = crypto.randomBytes(16);
  b.writeUIntBE(ms, 0, 6);
  b[6] = (b[6] & 0x0f) | 0x70;
  b[8] = (b[8] & 0x3f) | 0x80;
  return b.toString('hex').replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
}

async function login(match) {
  const account = city.accounts.find(match);
  return client.as(async () => {
    const { status, body } = await client.post('/v1/sessions', { login: account.login, password: account.password });
    if (status !== 201) throw new Error(`${account.login} cannot log in: ${status}`);
    return body.token;
  });
}

async function must(answer, status) {
  const { status: got, body } = await answer;
  if (got !== status) throw new Error(`${got} instead of ${status}: ${JSON.stringify(body)}`);
  return body;
}

// Parcels on their way to this locker, with its recipients' consent.
async function prepare(locker, n, tag) {
  const site = city.sites.find((s) => s.code === locker.site);
  const shop = await login((a) => a.role === 'shop' && city.shops.find((s) => s.code === a.shop)?.site === site.code);
  const courier = await login((a) => a.role === 'courier' && city.couriers.find((c) => c.code === a.courier)?.site === site.code);
  const waybills = Array.from({ length: n }, (_, i) => `OPEN${tag}${String(i).padStart(5, '0')}`);
  const parcel = (waybill, i) => ({ waybill, point: locker.point, prefer: 'locker', length_mm: 200, width_mm: 100, height_mm: 50, weight_g: 300,
    recipient: { name: '王小明', phone: `1390000${String(i).padStart(4, '0')}`, address: '太白路1号' } });
  const taken = await must(shop.post('/v1/parcels', waybills.map(parcel)), 200);
  if (taken.accepted !== n) throw new Error(`parcels were not taken: ${JSON.stringify(taken.items.find((x) => x.errors))}`);
  const { now } = await must(client.get('/v1/now'), 200);
  const at = Date.parse(now);
  for (const [k, kind] of ['arrive', 'load', 'out_for_delivery'].entries())
    await must(courier.post('/v1/scans', waybills.map((waybill) => ({ id: uuid7(at + k), waybill, kind, at: new Date(at + k).toISOString() }))), 200);
  for (;;) {
    const states = await Promise.all(waybills.map((w) => must(shop.get(`/v1/parcels/${w}`), 200)));
    if (states.every((p) => p.state === 'out_for_delivery')) return { courier, waybills };
    await sleep(100);
  }
}

const opened = [];
const answers = [];
const share = Math.ceil(deposits / city.lockers.length);
const turns = [];
for (const [i, locker] of city.lockers.entries()) {
  const n = Math.min(share, deposits - i * share);
  if (n <= 0) break;
  const { courier, waybills } = await prepare(locker, n, i);
  turns.push(...waybills.map((waybill, turn) => ({ turn, locker, courier, waybill })));
}
// From locker to locker: pulses of one bank keep a distance of 300 ms, which is not what is measured.
turns.sort((a, b) => a.turn - b.turn);
for (const { locker, courier, waybill } of turns) {
  const sentAt = realUs();
  const body = await must(courier.post('/v1/deposits', { id: uuid7(Date.now()), waybill, locker: locker.code }), 200);
  const answeredAt = realUs();
  answers.push((answeredAt - sentAt) / 1000);
  opened.push({ locker: locker.code, n: body.compartment, sentAt, answeredAt });
  await sleep(100);
}
await sleep(2000);
const times = unlockTimes(opened, readBoards(rig.ledger).filter((e) => e.event === 'pulse_on'));
answers.sort((a, b) => a - b);
const show = (what, list) => console.log(`${what.padEnd(46)} n=${list.length}  p50 ${percentile(list, 0.5)?.toFixed(1)} ms  p99 ${percentile(list, 0.99)?.toFixed(1)} ms  max ${list.at(-1)?.toFixed(1)} ms`);
show(`HTTP open → coil pulse, Modbus ${bus === 'rtu' ? 'RTU, 115200 paced' : 'TCP'}`, times);
show('HTTP open → answer (door seen open)', answers);
if (times.length !== deposits) throw new Error(`${deposits - times.length} deposits have no pulse`);
process.exit(0);
