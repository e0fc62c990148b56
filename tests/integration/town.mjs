// Who does what in the small city of town.sh: log in, hand parcels in, bring them to the locker.
import crypto from 'node:crypto';
import fs from 'node:fs';
import { Client } from '../../contrib/day/http.mjs';
import { sleep } from '../../contrib/day/clock.mjs';

function uuid7(ms) {
  const b = crypto.randomBytes(16);
  b.writeUIntBE(ms, 0, 6);
  b[6] = (b[6] & 0x0f) | 0x70;
  b[8] = (b[8] & 0x3f) | 0x80;
  return b.toString('hex').replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
}

export async function must(answer, status) {
  const { status: got, body } = await answer;
  if (got !== status) throw new Error(`${got} instead of ${status}: ${JSON.stringify(body)}`);
  return body;
}

export class Town {
  constructor(folder) {
    this.rig = JSON.parse(fs.readFileSync(`${folder}/rig.json`));
    this.city = JSON.parse(fs.readFileSync(`${folder}/city.json`));
    this.client = new Client(this.rig.url, { ca: fs.readFileSync(this.rig.ca), sockets: 2 });
  }

  async login(match) {
    const account = this.city.accounts.find(match);
    return this.client.as(async () => (await must(this.client.post('/v1/sessions', { login: account.login, password: account.password }), 201)).token);
  }

  // n parcels out for delivery to this locker, with their recipients' consent: the courier who has them, and their waybills.
  async bring(locker, n, tag) {
    const shop = await this.login((a) => a.role === 'shop' && this.city.shops.find((s) => s.code === a.shop)?.site === locker.site);
    const courier = await this.login((a) => a.role === 'courier' && this.city.couriers.find((c) => c.code === a.courier)?.site === locker.site);
    const waybills = Array.from({ length: n }, (_, i) => `TOWN${tag}${String(i).padStart(5, '0')}`);
    const parcel = (waybill, i) => ({ waybill, point: locker.point, prefer: 'locker', length_mm: 200, width_mm: 100, height_mm: 50, weight_g: 300,
      recipient: { name: '王小明', phone: `139${String(tag).padStart(4, '0').slice(-4)}${String(i).padStart(4, '0')}`, address: '太白路1号' } });
    const taken = await must(shop.post('/v1/parcels', waybills.map(parcel)), 200);
    if (taken.accepted !== n) throw new Error(`parcels were not taken: ${JSON.stringify(taken.items.find((x) => x.errors))}`);
    const at = Date.parse((await must(this.client.get('/v1/now'), 200)).now);
    for (const [k, kind] of ['arrive', 'load', 'out_for_delivery'].entries())
      await must(courier.post('/v1/scans', waybills.map((waybill) => ({ id: uuid7(at + k), waybill, kind, at: new Date(at + k).toISOString() }))), 200);
    for (;;) {
      const states = await Promise.all(waybills.map((w) => must(shop.get(`/v1/parcels/${w}`), 200)));
      if (states.every((p) => p.state === 'out_for_delivery')) return { courier, shop, waybills };
      await sleep(100);
    }
  }

  // Begins the deposit; the answer comes when the door is open.
  deposit(courier, locker, waybill) {
    return must(courier.post('/v1/deposits', { id: uuid7(Date.now()), waybill, locker: locker.code }), 200);
  }

  // The notices about a waybill with that template, so far.
  notices(waybill, template) {
    const file = `${this.rig.outbox}/notices.jsonl`;
    return !fs.existsSync(file) ? [] : fs.readFileSync(file, 'utf8').split('\n').filter(Boolean).map((l) => JSON.parse(l))
      .filter((n) => n.template === template && n.waybill_tail === waybill.slice(-4));
  }
}
