// The ledgers that are kept outside the system: A, what clients were told succeeded; S, every scan that was made;
// B is written by the boards themselves. After the day they are loaded beside the database for the checks.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';

export class Ledger {
  constructor() {
    this.acked = new Map();
    this.scans = new Set();
  }

  ack(kind, id) {
    if (!this.acked.has(kind)) this.acked.set(kind, new Set());
    this.acked.get(kind).add(id);
  }

  scanned(id) {
    this.scans.add(id);
  }

  counts() {
    return { acknowledged: Object.fromEntries([...this.acked].map(([k, v]) => [k, v.size])), scans: this.scans.size };
  }
}

// Ledger B: real µs, locker, compartment, event, detail.
export function readBoards(file, since = 0) {
  return fs.readFileSync(file, 'utf8').split('\n').filter(Boolean).map((line) => {
    const [at, locker, n, event, detail] = line.split('\t');
    return { at: +at, locker, n: +n, event, detail };
  }).filter((e) => e.at >= since);
}

function copy(psql, table, rows) {
  execFileSync(psql, ['-qX', '-v', 'ON_ERROR_STOP=1', '-c', `\\copy ${table} FROM STDIN`], { input: rows.join('\n') + (rows.length ? '\n' : ''), stdio: ['pipe', 'inherit', 'inherit'] });
}

// Ledgers of earlier days stay: what was acknowledged then must hold still.
export function load(psql, ledger, boards) {
  const stamp = (us) => new Date(us / 1000).toISOString().replace('Z', `${String(us % 1000).padStart(3, '0')}Z`);
  copy(psql, 'harness.acked (kind, id)', [...ledger.acked].flatMap(([kind, ids]) => [...ids].map((id) => `${kind}\t${id}`)));
  copy(psql, 'harness.scan (id)', [...ledger.scans]);
  copy(psql, 'harness.pulse (locker, n, at)', boards.filter((e) => e.event === 'pulse_on').map((e) => `${e.locker}\t${e.n}\t${stamp(e.at)}`));
  copy(psql, 'harness.edge (locker, n, door, at)', boards.filter((e) => e.event === 'door_open' || e.event === 'door_closed').map((e) => `${e.locker}\t${e.n}\t${e.event.slice(5)}\t${stamp(e.at)}`));
}
