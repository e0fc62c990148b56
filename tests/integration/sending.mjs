// See sending.sh. Prints "N passed, M failed".
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { Client } from '../../contrib/day/http.mjs';
import { sleep } from '../../contrib/day/clock.mjs';
import { Hands } from '../../contrib/day/hands.mjs';
import { Ledger, load, readBoards } from '../../contrib/day/ledger.mjs';
import { Town, must } from './town.mjs';

const [, , folder, ctl] = process.argv;
const town = new Town(folder);
const [locker] = town.city.lockers;
const hands = new Hands(town.rig.boards);
const kiosk = new Client(`http://127.0.0.1:${town.rig.kiosks[locker.code]}`);
let failed = 0;
let passed = 0;

function check(what, good, detail = '') {
  if (good) passed++;
  else failed++;
  if (!good) console.log(`FAIL ${what} ${detail}`);
}
async function until(what, ms, condition) {
  for (const end = performance.now() + ms; performance.now() < end; await sleep(50)) {
    const found = await condition();
    if (found) return found;
  }
  console.log(`FAIL ${what}: not within ${ms} ms`);
  return process.exit(1);
}
const seen = (n, door) => until(`door ${n} is seen ${door}`, 20000, async () => (await kiosk.get(`/api/compartment?n=${n}`)).body?.door === door);
// Somebody at the locker: shows or types, puts it in, closes.
async function drop(what, path, body) {
  const { body: said } = await kiosk.post(path, body);
  check(what, said?.ok === true, JSON.stringify(said));
  await seen(said.compartment, 'open');
  await hands.putAndClose(locker.code, said.compartment);
  await seen(said.compartment, 'closed');
  return said.compartment;
}
const refused = async (what, path, body) => {
  const { body: said } = await kiosk.post(path, body);
  check(`${what} opens nothing`, said?.ok === false, JSON.stringify(said));
};

await hands.ready;
const { courier, shop, waybills } = await town.bring(locker, 2, 8);
const inside = (id, status) => until(`${id} is ${status}`, 20000, async () => {
  const { body } = await shop.get(`/v1/sendings/${id}`);
  return body.status === status ? body : null;
});
const stateIs = (w, state) => until(`${w} is ${state}`, 20000, async () => (await shop.get(`/v1/parcels/${w}`)).body.state === state);

// received, and sent back by a code
const first = await town.deposit(courier, locker, waybills[0]);
await hands.putAndClose(locker.code, first.compartment);
const [notice] = await until('the notice', 20000, () => (town.notices(waybills[0], 'in_locker').length ? town.notices(waybills[0], 'in_locker') : null));
const { body: collected } = await kiosk.post('/api/code', { digits: notice.text.zh.match(/\b\d{8}\b/)[0] });
await seen(collected.compartment, 'open');
await hands.takeAndClose(locker.code, collected.compartment);
await seen(collected.compartment, 'closed');
await stateIs(waybills[0], 'signed');
const token = (await must(shop.get(`/v1/parcels/${waybills[0]}`), 200)).tracking;
const back = await must(town.client.post(`/v1${token}/return`, {}), 201);
check('a return has QR and code', /^YZ1\|dropoff\|/.test(back.qr) && /^\d{8}$/.test(back.code), JSON.stringify(back));
check('asked again, the same code', (await must(town.client.post(`/v1${token}/return`, {}), 200)).code === back.code);
const n = await drop('a code lets somebody send', '/api/code', { digits: back.code });
const dropped = await inside(back.id, 'dropped');
check('the daemon follows the locker', dropped.compartment === n, `${dropped.compartment} is not ${n}`);
await stateIs(dropped.waybill, 'dropped_off');
await refused('the code again', '/api/code', { digits: back.code });
await refused('the QR after the code', '/api/scan', { text: back.qr });

// nobody's parcel comes on top of it
const second = await town.deposit(courier, locker, waybills[1]);
check('a deposit goes elsewhere', second.compartment !== n && second.status === 'open', JSON.stringify(second));
await hands.putAndClose(locker.code, second.compartment);

// thought better of
const person = { locker: locker.code, size: 'S', name: '李四', phone: '13900000088' };
const never = await must(shop.post('/v1/sendings', person), 201);
await must(shop.post(`/v1/sendings/${never.id}/cancel`, {}), 200);
await sleep(1000);
await refused('a code that was taken back', '/api/code', { digits: never.code });
await refused('a QR that was taken back', '/api/scan', { text: never.qr });

// cut off
const later = await must(shop.post('/v1/sendings', { ...person, size: 'M' }), 201);
process.kill(Number(fs.readFileSync(`${folder}/run/broker.pid`, 'utf8').split(' ')[0]), 'SIGTERM');
await until('the locker knows that it is cut off', 20000, async () => (await kiosk.get('/api/status')).body?.online === false);
const blind = await must(shop.post('/v1/sendings', person), 201);
check('without a way to the locker: QR and no code', /^YZ1\|dropoff\|/.test(blind.qr) && !blind.code, JSON.stringify(blind));
const m = await drop('a QR lets somebody send while the locker is cut off', '/api/scan', { text: blind.qr });
await refused('the same QR again', '/api/scan', { text: blind.qr });
const k = await drop('and so does a code from before', '/api/code', { digits: later.code });
const mosquitto = spawn('mosquitto', ['-c', `${folder}/broker/mosquitto.conf`], { stdio: 'ignore', detached: true });
fs.writeFileSync(`${folder}/run/broker.pid`, `${mosquitto.pid} mosquitto\n`);
mosquitto.unref();
check('the journal tells of the first', (await until('it drains', 40000, async () => { const { body } = await shop.get(`/v1/sendings/${blind.id}`); return body.status === 'dropped' ? body : null; })).compartment === m);
check('and of the second', (await inside(later.id, 'dropped')).compartment === k);
// the courier takes it out; a door opens three times within half a minute and no more
const opened = await until('opened for the courier', 40000, async () => {
  const said = await must(courier.post(`/v1/sendings/${back.id}/open`, {}), 200);
  if (said.reason === 'too_many_tries' || said.reason === 'offline') await sleep(2000);
  return said.status === 'refused' ? null : said;
});
check('opened for the courier', opened.status === 'opened' && opened.compartment === n, JSON.stringify(opened));
await hands.takeAndClose(locker.code, n);
await inside(back.id, 'picked_up');
await stateIs(dropped.waybill, 'picked_up');
check('not opened twice', (await courier.post(`/v1/sendings/${back.id}/open`, {})).status === 409);

await sleep(500);
load('psql', new Ledger(), readBoards(town.rig.ledger));
const checked = spawnSync(ctl, ['-d', process.env.YIZHAN_CONNINFO, 'check'], { encoding: 'utf8', maxBuffer: 1 << 26 });
for (const i of JSON.parse(checked.stdout).invariants) check(i.name, i.violations === 0 || i.name.startsWith('I12'), `${i.violations}: ${i.example}`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
