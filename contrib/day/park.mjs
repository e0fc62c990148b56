// The manager of a park: plans waves and publishes them, watches for what was left behind.
import { sleep } from './clock.mjs';

export class Manager {
  constructor(day, client, site) {
    Object.assign(this, { day, client, site });
  }

  // Plans and publishes one wave. Its figures, or null when there was nothing to plan or it failed.
  async wave(name) {
    const key = { 'Idempotency-Key': `${this.day.prefix}-${this.site.code}-${name}` };
    const { status, body } = await this.client.post('/v1/waves', { name }, key);
    if (status !== 202) {
      this.day.trouble(`wave ${this.site.code} ${name}: ${status} ${body?.detail ?? ''}`);
      return null;
    }
    const planned = await this.#planned(body.id);
    if (planned?.status !== 'planned') {
      this.day.trouble(`wave ${this.site.code} ${name}: ${planned?.status} ${planned?.reason ?? ''}`);
      return null;
    }
    const published = await this.client.post(`/v1/waves/${body.id}/publish`);
    if (published.status !== 200) {
      this.day.trouble(`publish ${this.site.code}: ${published.status} ${published.body?.detail ?? ''}`);
      return null;
    }
    this.day.ledger.ack('wave', body.id);
    await this.#askWhy(body.id, planned.unassigned);
    return planned;
  }

  async #planned(id) {
    for (let i = 0; i < 600; i++) {
      const { status, body } = await this.client.get(`/v1/waves/${id}`);
      if (status !== 200 || body.status !== 'planning') return body;
      await sleep(100);
    }
    return null;
  }

  async #askWhy(id, unassigned) {
    if (!unassigned) return;
    const { body } = await this.client.get(`/v1/waves/${id}/unassigned`);
    for (const item of body?.items ?? []) this.day.tally(`unassigned ${item.reason}`);
  }

  // Waybills in a state, over all pages.
  async parcels(state) {
    const out = [];
    for (let cursor = ''; ; ) {
      const { status, body } = await this.client.get(`/v1/park/parcels?state=${state}&limit=200${cursor && `&cursor=${cursor}`}`);
      if (status !== 200) return out;
      out.push(...body.items.map((i) => i.waybill));
      if (!body.next) return out;
      cursor = body.next;
    }
  }
}
