// See offline.sh. Prints "N passed, M failed" and how fast the journal drained.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { Client } from '../../contrib/day/http.mjs';
import { sleep } from '../../contrib/day/clock.mjs';
import { Hands } from '../../contrib/day/hands.mjs';
import { Ledger, load, readBoards } from '../../contrib/day/ledger.mjs';
import { Town } from './town.mjs';

const [, , folder, ctl, count] = process.argv;
const records = Number(count);
const town = new Town(folder);
const [locker] = town.city.lockers;
const conninfo = process.env.YIZHAN_CONNINFO;
const hands = new Hands(town.rig.boards);
const kiosk = new Client(`http://127.0.0.1:${town.rig.kiosks[locker.code]}`);
let failed = 0;
let passed = 0;

function check(what, good, detail = '') {
  if (good) passed++;
  else failed++;
  if (!good) console.log(`FAIL ${what} ${detail}`);
}
const sql = (text) => execFileSync('psql', ['-qtAX', '-v', 'ON_ERROR_STOP=1', conninfo, '-c', text], { encoding: 'utf8' }).trim();
const stored = () => Number(sql('SELECT count(*) FROM app.door_event'));
// What `condition` says once it is true; ends the test when it is not within `ms`.
async function until(what, ms, condition) {
  for (const end = performance.now() + ms; performance.now() < end; await sleep(20)) {
    const found = await condition();
    if (found) return found;
  }
  console.log(`FAIL ${what}: not within ${ms} ms`);
  return process.exit(1);
}
// A person is slower than the sensors.
const seen = (n, door) => until(`door ${n} is seen ${door}`, 20000, async () => (await kiosk.get(`/api/compartment?n=${n}`)).body?.door === door);
const brokerPid = () => Number(fs.readFileSync(`${folder}/run/broker.pid`, 'utf8').split(' ')[0]);

await hands.ready;
const { courier, shop, waybills } = await town.bring(locker, 6, 7);
const codes = [];
for (const w of waybills) {
  const { compartment } = await town.deposit(courier, locker, w);
  await hands.putAndClose(locker.code, compartment);
  const [notice] = await until(`the notice of ${w}`, 20000, () => (town.notices(w, 'in_locker').length ? town.notices(w, 'in_locker') : null));
  codes.push({ code: notice.text.zh.match(/\b\d{8}\b/)[0], compartment });
}
const before = stored();

process.kill(brokerPid(), 'SIGTERM');
await until('the locker knows that it is cut off', 20000, async () => (await kiosk.get('/api/status')).body?.online === false);
const from = Date.parse((await town.client.get('/v1/now')).body.now);
for (const { code, compartment } of codes) {
  const answer = await kiosk.post('/api/code', { digits: code });
  check(`a code opens while cut off`, answer.body?.ok === true && answer.body.compartment === compartment, JSON.stringify(answer.body));
  await seen(compartment, 'open');
  await hands.takeAndClose(locker.code, compartment);
  await seen(compartment, 'closed');
}
// Hands on doors that nobody opened: each turn is an edge out (forced), and one back.
const doors = locker.compartments.map((c) => c.n).filter((n) => !codes.some((c) => c.compartment === n));
const edges = () => readBoards(town.rig.ledger).filter((e) => e.event.startsWith('door_')).length;
const first = edges();
for (const end = performance.now() + 90e3; edges() - first < records / 1.5 && performance.now() < end; ) {
  for (const [hand, door] of [['force', 'open'], ['close', 'closed']]) {
    await Promise.all(doors.map((n) => hands.say(`${hand} ${locker.code} ${n}`)));
    for (const n of doors) await seen(n, door);
  }
}
let hours = 0;
while (hours < 72) {
  hours = (Date.parse((await town.client.get('/v1/now')).body.now) - from) / 3600e3;
  await sleep(200);
}
check('nothing came through while it was cut off', stored() === before, `${stored() - before} records`);

const mosquitto = spawn('mosquitto', ['-c', `${folder}/broker/mosquitto.conf`], { stdio: 'ignore', detached: true });
fs.writeFileSync(`${folder}/run/broker.pid`, `${mosquitto.pid} mosquitto\n`);
mosquitto.unref();
let began = 0;
let last = before;
let lastAt = 0;
const mended = performance.now();
for (let quiet = 0; quiet < 15 && performance.now() - mended < 120e3; await sleep(100)) {
  const n = stored();
  if (n > before && !began) began = performance.now() - 100;
  if (n > last) {
    lastAt = performance.now();
    quiet = 0;
  } else if (began) quiet++;
  last = n;
}
const drained = last - before;
const seconds = (lastAt - began) / 1000;
check('there were enough records', drained >= records, `${drained} of ${records}`);
check('drained within a minute of the mending', lastAt - mended < 60e3, `${lastAt - mended} ms`);
check('no record twice, none missing in between', sql(`SELECT count(*) FROM (SELECT boot, seq - lag(seq) OVER (PARTITION BY locker, boot ORDER BY seq) AS step FROM app.door_event) x WHERE step <> 1`) === '0');
load('psql', new Ledger(), readBoards(town.rig.ledger));
const checked = spawnSync(ctl, ['-d', conninfo, 'check'], { encoding: 'utf8', maxBuffer: 1 << 26 });
for (const i of JSON.parse(checked.stdout).invariants) check(i.name, i.violations === 0, `${i.violations}: ${i.example}`);
for (const w of waybills) {
  for (let i = 0; i < 50 && (await shop.get(`/v1/parcels/${w}`)).body.state !== 'signed'; i++) await sleep(100);
  check(`${w} is signed`, (await shop.get(`/v1/parcels/${w}`)).body.state === 'signed');
}
console.log(`${hours.toFixed(0)} h offline: ${drained} records drained in ${seconds.toFixed(1)} s, ${Math.round(drained / seconds)}/s (asked 500), ${((lastAt - mended) / 1000).toFixed(1)} s after the mending`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
