// Dock scanners. A scan is never refused: some come late, some twice, some for parcels nobody knows.
import { chunks, each } from './http.mjs';

const BATCH = 100;

export class Scanner {
  constructor(day, client, random, device) {
    Object.assign(this, { day, client, random, device });
  }

  make(waybill, kind, extra = {}, at = this.day.clock.now()) {
    const id = this.random.uuid7(at);
    this.day.ledger.scanned(id);
    return { id, waybill, kind, at: this.day.clock.iso(at), device: this.device, ...extra };
  }

  // Sends scans as one handheld would: in batches, until they are acknowledged.
  async send(scans) {
    for (const part of chunks(scans, BATCH)) {
      const { status, body } = await this.client.post('/v1/scans', part);
      if (status !== 200) {
        this.day.trouble(`scans: ${status} ${body?.detail ?? ''}`);
        continue;
      }
      for (const item of body.items) {
        this.day.ledger.ack('scan', item.id);
        this.day.tally(`scans ${item.result}`);
        for (const flag of item.flags ?? []) this.day.tally(`flag ${flag}`);
      }
    }
  }

  // The parcels of a site over the dock: arrive and sort, with the slips of every day.
  async receive(parcels) {
    const scans = [];
    for (const p of parcels) {
      const at = this.day.clock.now() - (this.random.chance(0.02) ? 2 * 3600e3 : 0);
      const arrive = this.make(p.waybill, 'arrive', {}, at);
      scans.push(arrive);
      if (this.random.chance(0.02)) scans.push(arrive); // the same scan again
      if (this.random.chance(0.01)) scans.push(this.make(p.waybill, 'arrive', {}, at + 1000));
      scans.push(this.make(p.waybill, 'sort', { detail: { cage: p.point.code.slice(-5) } }, at + 60e3));
    }
    scans.push(this.make(`NOBODY${this.random.int(100000, 999999)}`, 'arrive'));
    const started = performance.now();
    await each(chunks(scans, BATCH * 2), 2, (part) => this.send(part));
    this.day.busy('dock', scans.length, started);
  }
}
