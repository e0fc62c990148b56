// Shops hand over orders, as JSON and as a sheet; they repeat themselves, and some rows are wrong.
import { chunks, each } from './http.mjs';

const columns = ['waybill', 'order_no', 'recipient.name', 'recipient.phone', 'recipient.address', 'point', 'prefer', 'weight_g', 'length_mm', 'width_mm', 'height_mm', 'declared_fen', 'service'];

export function toCsv(bodies) {
  const cell = (body, name) => {
    const v = name.split('.').reduce((o, k) => o?.[k], body) ?? '';
    return /[",\n]/.test(String(v)) ? `"${String(v).replace(/"/g, '""')}"` : String(v);
  };
  return `${[columns.join(','), ...bodies.map((b) => columns.map((c) => cell(b, c)).join(','))].join('\r\n')}\r\n`;
}

export class Shop {
  constructor(day, client, random) {
    Object.assign(this, { day, client, random });
  }

  #accept(items, parcels) {
    for (const item of items) {
      const p = parcels[item.index];
      if (!p || item.status === 'rejected') {
        this.day.tally(`rejected ${item.errors?.[0]?.reason ?? item.status}`);
        continue;
      }
      p.tracking = item.tracking?.replace(/^.*\/t\//, '') ?? p.tracking;
      if (item.status === 'accepted') this.day.tally('parcels');
      else this.day.tally('parcels repeated');
      this.day.ledger.ack('parcel', p.waybill);
    }
  }

  async #hand(parcels, asSheet) {
    const bodies = parcels.map((p) => p.body);
    const body = asSheet ? { type: 'text/csv; charset=utf-8', text: toCsv(bodies) } : bodies;
    const { status, body: answer } = await this.client.post('/v1/parcels', body);
    if (status === 200) this.#accept(answer.items, parcels);
    else this.day.trouble(`parcels: ${status} ${answer?.detail ?? ''}`);
    return status;
  }

  async post(parcels) {
    const parts = chunks(parcels, 200);
    await each(parts.entries(), 2, ([i, part]) => this.#hand(part, i % 3 === 2));
    if (parts.length) await this.#hand(parts[0], false); // a repeat does nothing
    await this.#mistakes(parcels);
  }

  // Rows that must come back with a reason while their neighbours go through, and bodies that must change nothing.
  async #mistakes(parcels) {
    const good = parcels[0]?.body;
    if (!good) return;
    const other = { ...good, weight_g: good.weight_g + 1 };
    const nowhere = { ...good, waybill: `${good.waybill}X`, point: 'nowhere-1' };
    const { status, body } = await this.client.post('/v1/parcels', [other, nowhere]);
    if (status !== 200 || body.rejected !== 2) this.day.trouble(`wrong rows were not turned down: ${status} ${JSON.stringify(body).slice(0, 200)}`);
    const broken = await this.client.post('/v1/parcels', { type: 'application/json', text: '[{"waybill": "YZ' });
    if (broken.status < 400 || broken.status >= 500) this.day.trouble(`half a body was answered with ${broken.status}`);
  }
}
