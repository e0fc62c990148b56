// yizhan-day: make the city, make the rig, run the day. See yizhan-day(1).
import fs from 'node:fs';
import { parseArgs } from 'node:util';
import { makeCity } from './city.mjs';
import { makeRig } from './rig.mjs';
import { Clock } from './clock.mjs';
import { Day } from './day.mjs';
import { summarize, verdict } from './summary.mjs';

const usage = `usage: yizhan-day city [--seed N] [--couriers N] [--lockers N] [--streets FILE] OUT.json
       yizhan-day rig --folder DIR --city FILE --http N --mqtt N --boards N --kiosks N --pg DIR
                      --profiles DIR --kiosk DIR --web DIR [--roads FILE] [--bus tcp|rtu] [--start TIME] [--rate R] [--plan-seconds S]
       yizhan-day run --folder DIR [--seed N] [--parcels N] [--prefix TEXT]
                      [--ctl PROGRAM] [--psql PROGRAM] [--summary FILE]
`;

const text = { type: 'string' };
const options = Object.fromEntries(['seed', 'couriers', 'lockers', 'streets', 'folder', 'city', 'http', 'mqtt', 'boards', 'kiosks', 'pg', 'profiles', 'kiosk', 'web', 'roads', 'bus', 'start', 'rate', 'parcels', 'prefix', 'plan-seconds', 'ctl', 'psql', 'summary'].map((n) => [n, text]));

function number(values, name, fallback, least = 1, most = 1e9) {
  const v = values[name] === undefined ? fallback : Number(values[name]);
  if (!Number.isFinite(v) || v < least || v > most) throw new Error(`--${name}: a number from ${least} to ${most}, not "${values[name]}"`);
  return v;
}

const readJson = (file) => JSON.parse(fs.readFileSync(file, 'utf8'));

// lat,lon lines, after a header
const readStreets = (file) => fs.readFileSync(file, 'utf8').trim().split('\n').slice(1).map((line) => line.split(',').slice(0, 2).map(Number));

function city(values, [out]) {
  if (!out) throw new Error('city: name the file to write');
  const made = makeCity({
    seed: number(values, 'seed', 1, 0),
    couriers: number(values, 'couriers', 48, 12, 5000),
    lockers: number(values, 'lockers', 24, 0, 5000),
    streets: values.streets ? readStreets(values.streets) : null,
  });
  fs.writeFileSync(out, JSON.stringify(made), { mode: 0o600 });
  console.log(`${made.sites.length} sites, ${made.points.length} points, ${made.lockers.length} lockers, ${made.couriers.length} couriers`);
}

function rig(values) {
  makeRig({
    folder: values.folder,
    city: readJson(values.city),
    httpPort: number(values, 'http'),
    mqttPort: number(values, 'mqtt'),
    boardPort: number(values, 'boards'),
    kioskPort: number(values, 'kiosks'),
    pgHost: values.pg,
    profiles: values.profiles,
    kiosk: values.kiosk,
    web: values.web,
    roads: values.roads ?? '',
    bus: values.bus ?? 'tcp',
    planSeconds: number(values, 'plan-seconds', 0.5, 0, 300),
    clock: { start: values.start, origin: new Date(Clock.real()).toISOString(), rate: number(values, 'rate', 1, 0.001, 10000) },
  });
}

async function run(values) {
  const day = new Day({
    rig: readJson(`${values.folder}/rig.json`),
    city: readJson(`${values.folder}/city.json`),
    seed: number(values, 'seed', 1, 0),
    parcels: number(values, 'parcels', 5200, 1, 1000000),
    prefix: values.prefix ?? 'YZ',
    say: (line) => console.log(line),
  });
  const wallFrom = day.realUs();
  await day.run();
  const summary = await summarize({ day, psql: values.psql ?? 'psql', ctl: values.ctl ?? 'yizhanctl', conninfo: process.env.YIZHAN_CONNINFO ?? '', wallFrom });
  if (values.summary) fs.writeFileSync(values.summary, `${JSON.stringify(summary, null, 2)}\n`);
  console.log(`\n${verdict(summary).join('\n')}`);
  day.public.close();
  return summary.ok ? 0 : 1;
}

const commands = { city, rig, run };

async function main(argv) {
  const { values, positionals } = parseArgs({ args: argv, options: { ...options, help: { type: 'boolean', short: 'h' } }, allowPositionals: true });
  const command = commands[positionals[0]];
  if (values.help || !command) {
    (values.help ? process.stdout : process.stderr).write(usage);
    return values.help ? 0 : 2;
  }
  return (await command(values, positionals.slice(1))) ?? 0;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (e) => {
    console.error(`yizhan-day: ${e.message}`);
    process.exit(2);
  },
);
