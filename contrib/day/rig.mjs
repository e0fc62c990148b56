// The rig: what every program of the city needs to find in the folder before it starts. Keys, a folder per locker,
// the simulated boards, the daemon's settings, and rig.json for the day itself. Nothing here starts anything.
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const GRANT_KEY = 'k1';

function write(file, text, mode = 0o644) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text, { mode });
  fs.chmodSync(file, mode);
}

function secret(file) {
  if (!fs.existsSync(file)) write(file, `${crypto.randomBytes(32).toString('hex')}\n`, 0o600);
  return Buffer.from(fs.readFileSync(file, 'utf8').trim(), 'hex');
}

// The public half of an Ed25519 seed, by way of its PKCS #8 form (RFC 8410).
function publicKey(seed) {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  const key = crypto.createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return crypto.createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32);
}

// As keys_locker of locker-fw/core.
const lockerSecret = (master, code, epoch) => crypto.createHmac('sha256', master).update(`yizhan/locker/1|${code}|${epoch}`).digest();

const ini = (sections) => Object.entries(sections).map(([name, values]) => `[${name}]\n${Object.entries(values).map(([k, v]) => `${k} = ${v}\n`).join('')}`).join('');

const clockSection = (clock) => ({ start: clock.start, origin: clock.origin, rate: clock.rate });

function locker(l, i, o, master) {
  const dir = path.join(o.folder, 'lockers', l.code);
  const boards = Math.max(...l.compartments.map((c) => c.board));
  const doors = l.compartments.length / boards;
  const wire = o.bus === 'rtu' ? path.join(dir, 'tty') : o.boardPort + i;
  const lines = [];
  const specs = [];
  for (let b = 0; b < boards; b++) {
    lines.push(`board bus=${o.bus}:${o.bus === 'rtu' ? '' : '127.0.0.1:'}${wire} profile=${l.profile} unit=${b + 1} first=${b * doors + 1} sizes=${l.sizes}`);
    specs.push(`locker=${l.code} profile=${l.profile} ${o.bus}=${wire} unit=${b + 1} first=${b * doors + 1}`);
  }
  write(path.join(dir, 'wiring'), `${lines.join('\n')}\n`);
  write(path.join(dir, 'key'), `${lockerSecret(master, l.code, 1).toString('hex')}\n`, 0o600);
  fs.mkdirSync(path.join(dir, 'journal'), { recursive: true });
  write(path.join(dir, 'lockerd.ini'), ini({
    locker: { code: l.code, site: l.site, wiring: path.join(dir, 'wiring'), profiles: o.profiles, journal: path.join(dir, 'journal') },
    keys: { locker: path.join(dir, 'key'), epoch: 1, grants: path.join(o.folder, 'certs', 'grants.pub') },
    mqtt: { url: `mqtts://127.0.0.1:${o.mqttPort}`, ca: path.join(o.folder, 'certs', 'ca.pem'), cert: path.join(o.folder, 'certs', `${l.code}.pem`), key: path.join(o.folder, 'secrets', `${l.code}.key`) },
    kiosk: { port: o.kioskPort + i, root: o.kiosk },
    clock: clockSection(o.clock),
    bus: { poll_ms: 25 },
    limits: { left_open_ms: 600000 },
  }));
  return specs;
}

function daemon(o) {
  write(path.join(o.folder, 'yizhand.ini'), ini({
    http: { listen: `127.0.0.1:${o.httpPort}`, cert: path.join(o.folder, 'certs', 'localhost.pem'), key: path.join(o.folder, 'secrets', 'localhost.key') },
    db: { conninfo: `host=${o.pgHost} dbname=yizhan user=yizhan_daemon passfile=${path.join(o.folder, 'secrets', 'pgpass')}` },
    mqtt: { url: `mqtts://127.0.0.1:${o.mqttPort}`, ca: path.join(o.folder, 'certs', 'ca.pem'), cert: path.join(o.folder, 'certs', 'yizhand.pem'), key: path.join(o.folder, 'secrets', 'yizhand.key') },
    keys: { grant: path.join(o.folder, 'secrets', 'grant.key'), grant_id: GRANT_KEY, locker_master: path.join(o.folder, 'secrets', 'locker.master') },
    clock: clockSection(o.clock),
    web: { root: o.web },
    ...(o.roads ? { roads: { file: o.roads } } : {}),
    outbox: { dir: path.join(o.folder, 'outbox'), allow_private: 'yes' },
    plan: { threads: 2, seconds: o.planSeconds },
  }), 0o600);
}

// o: folder, city, clock {start, origin, rate}, ports (httpPort, mqttPort, boardPort, kioskPort), pgHost, profiles,
// kiosk, web (folders), roads (file or ''), bus (tcp or rtu), planSeconds.
export function makeRig(o) {
  const master = secret(path.join(o.folder, 'secrets', 'locker.master'));
  const grant = secret(path.join(o.folder, 'secrets', 'grant.key'));
  write(path.join(o.folder, 'certs', 'grants.pub'), `${GRANT_KEY} ${publicKey(grant).toString('hex')}\n`);
  fs.mkdirSync(path.join(o.folder, 'outbox'), { recursive: true });
  const boards = o.city.lockers.flatMap((l, i) => locker(l, i, o, master));
  write(path.join(o.folder, 'boards.conf'), `${boards.join('\n')}\n`);
  daemon(o);
  write(path.join(o.folder, 'rig.json'), JSON.stringify({
    url: `https://127.0.0.1:${o.httpPort}`,
    ca: path.join(o.folder, 'certs', 'ca.pem'),
    clock: o.clock,
    boards: path.join(o.folder, 'run', 'boards.sock'),
    ledger: path.join(o.folder, 'boards.ledger'),
    outbox: path.join(o.folder, 'outbox'),
    kiosks: Object.fromEntries(o.city.lockers.map((l, i) => [l.code, o.kioskPort + i])),
    roads: o.roads ?? '',
  }, null, 1));
}
