// Residents: say how they want it, read the notice, come to the locker with the code, or forget.
import fs from 'node:fs';
import path from 'node:path';
import { Client, each } from './http.mjs';
import { sleep } from './clock.mjs';

export class Residents {
  constructor(day, random) {
    Object.assign(this, { day, random });
    this.kiosks = new Map(Object.entries(day.rig.kiosks).map(([code, port]) => [code, new Client(`http://127.0.0.1:${port}`, { sockets: 4 })]));
    this.errands = new Set();
    this.mistyped = new Set(); // lockers where somebody has mistyped a code: five in a row would lock the pad
  }

  // Those who were asked answer on the page behind their link.
  async consent(parcels) {
    const asked = parcels.filter((p) => p.by === 'resident' && p.tracking);
    await each(asked, 8, async (p) => {
      const { status, body } = await this.day.public.post(`/v1/t/${p.tracking}/consent`, { how: p.how, scope: p.always ? 'always' : 'this' });
      if (status === 200) {
        this.day.ledger.ack('consent', p.waybill);
        this.day.tally(`consent ${p.how}`);
      } else this.day.trouble(`consent: ${status} ${body?.detail ?? ''}`);
    });
  }

  // Notices are lines that the daemon appends to a file; they are read as they come, from where the file ends now.
  async readNotices(stop) {
    const file = path.join(this.day.rig.outbox, 'notices.jsonl');
    let at = fs.existsSync(file) ? fs.statSync(file).size : 0;
    let rest = '';
    while (!stop.now) {
      const size = fs.existsSync(file) ? fs.statSync(file).size : 0;
      if (size > at) {
        const part = Buffer.alloc(size - at);
        const fd = fs.openSync(file);
        fs.readSync(fd, part, 0, part.length, at);
        fs.closeSync(fd);
        at = size;
        const lines = (rest + part.toString('latin1')).split('\n');
        rest = lines.pop();
        for (const line of lines) this.#notice(JSON.parse(Buffer.from(line, 'latin1').toString()));
      }
      await sleep(60);
    }
  }

  #notice(raw) {
    const n = { ...raw, ...(raw.params ?? {}) };
    const p = this.day.byTracking.get(n.tracking);
    this.day.tally(`notice ${n.template ?? n.topic}`);
    if (!p || (n.template ?? n.topic) !== 'in_locker') return;
    p.code = n.code;
    p.lockerCode = n.locker;
    const errand = this.#goes(p).catch((e) => this.day.trouble(`resident: ${e.message}`)).finally(() => this.errands.delete(errand));
    this.errands.add(errand);
  }

  async #goes(p) {
    const { clock } = this.day;
    p.fate = p.locker;
    if (p.fate === 'forget') return;
    if (p.fate === 'refuse') return this.#refuse(p);
    if (p.fate === 'extend') {
      const { status } = await this.day.public.post(`/v1/t/${p.tracking}/extend`);
      this.day.tally(status === 200 ? 'extended' : 'not extended');
    }
    await clock.until(Math.min(clock.now() + p.wait_h * 3600e3, this.day.lastCollect));
    await this.#collect(p);
  }

  async #refuse(p) {
    await this.day.clock.pass(1800);
    const { status, body } = await this.day.public.post(`/v1/t/${p.tracking}/refuse`, { reason: '不想要了' });
    if (status === 200) this.day.tally('refused at the locker');
    else this.day.trouble(`refuse: ${status} ${body?.detail ?? ''}`);
  }

  async #collect(p) {
    const kiosk = this.kiosks.get(p.lockerCode);
    if (!this.mistyped.has(p.lockerCode) && this.random.chance(0.1)) {
      this.mistyped.add(p.lockerCode);
      const wrong = String((+p.code + 1) % 1e8).padStart(8, '0');
      const { body } = await kiosk.post('/api/code', { digits: wrong });
      this.day.tally(body?.ok ? 'WRONG CODE OPENED' : 'wrong code turned down');
      if (body?.ok) this.day.violation('a wrong code opened a door');
    }
    for (let tries = 1, wrong = 0; tries <= 40 && wrong < 2; tries++) {
      const { body } = await kiosk.post('/api/code', { digits: p.code });
      if (body?.ok) {
        await this.#seesOpen(kiosk, body.compartment);
        if (await this.day.hands.takeAndClose(p.lockerCode, body.compartment)) {
          this.day.tally('collected');
          p.collected = true;
        } else this.day.trouble(`${p.lockerCode}/${body.compartment}: the door did not open for the right code`);
        return;
      }
      this.day.tally(`kiosk ${body?.why}`);
      if (body?.why === 'wrong_code') wrong++;
      await sleep(body?.why === 'locked_out' ? 2000 : 200);
    }
    this.day.trouble(`${p.waybill}: the locker ${p.lockerCode} did not take the code`);
  }

  // Nobody closes a door before the screen says that it is open.
  async #seesOpen(kiosk, n) {
    for (let i = 0; i < 100; i++) {
      const { body } = await kiosk.get(`/api/compartment?n=${n}`);
      if (body?.door === 'open') return;
      await sleep(30);
    }
  }

  async finish() {
    await Promise.all(this.errands);
    for (const k of this.kiosks.values()) k.close();
  }
}
