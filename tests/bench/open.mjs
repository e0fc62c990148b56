// One courier begins deposits, one after the other; prints how long from the request to the pulse, and to the answer.
import { Clock, sleep } from '../../contrib/day/clock.mjs';
import { readBoards } from '../../contrib/day/ledger.mjs';
import { percentile, unlockTimes } from '../../contrib/day/summary.mjs';
import { Town } from '../integration/town.mjs';

const [, , folder, count, bus] = process.argv;
const deposits = Number(count);
const town = new Town(folder);
const { lockers } = town.city;
const realUs = () => Math.round(Clock.real() * 1000);

const opened = [];
const answers = [];
const share = Math.ceil(deposits / lockers.length);
const turns = [];
for (const [i, locker] of lockers.entries()) {
  const n = Math.min(share, deposits - i * share);
  if (n <= 0) break;
  const { courier, waybills } = await town.bring(locker, n, i);
  turns.push(...waybills.map((waybill, turn) => ({ turn, locker, courier, waybill })));
}
// From locker to locker: pulses of one bank keep a distance of 300 ms, which is not what is measured.
turns.sort((a, b) => a.turn - b.turn);
for (const { locker, courier, waybill } of turns) {
  const sentAt = realUs();
  const body = await town.deposit(courier, locker, waybill);
  const answeredAt = realUs();
  answers.push((answeredAt - sentAt) / 1000);
  opened.push({ locker: locker.code, n: body.compartment, sentAt, answeredAt });
  await sleep(100);
}
await sleep(2000);
const times = unlockTimes(opened, readBoards(town.rig.ledger).filter((e) => e.event === 'pulse_on'));
answers.sort((a, b) => a - b);
const asked = bus === 'rtu' ? 'p99 250' : 'p50 10, p99 50';
const show = (what, list, limits) => console.log(`${what.padEnd(46)} n=${list.length}  p50 ${percentile(list, 0.5)?.toFixed(1)} ms  p99 ${percentile(list, 0.99)?.toFixed(1)} ms  max ${list.at(-1)?.toFixed(1)} ms${limits ? ` (asked ${limits})` : ''}`);
show(`HTTP open → coil pulse, Modbus ${bus === 'rtu' ? 'RTU, 115200 paced' : 'TCP'}`, times, asked);
show('HTTP open → answer (door seen open)', answers);
if (times.length !== deposits) throw new Error(`${deposits - times.length} deposits have no pulse`);
process.exit(0);
