// A courier's shift: load in the order given, go out, serve stop after stop, bring back what was not wanted.
import { each } from './http.mjs';
import { sleep } from './clock.mjs';
import { Scanner } from './dock.mjs';

// "absent_twice" fails again at the second attempt, "absent" is at home then.
const doorScans = {
  sign: () => ['sign', { detail: { by: 'self', proof: { kind: 'signature', data_b64: 'iVBORw0KGgo=' } } }],
  absent: () => ['attempt_failed', { reason: 'no_contact' }],
  absent_twice: () => ['attempt_failed', { reason: 'no_contact' }],
  refuse: () => ['refuse', { reason: 'refused' }],
  wrong_address: () => ['exception', { reason: 'address_wrong' }],
  damaged: () => ['damage', { reason: 'damaged' }],
};
const second = { absent: 'sign', wrong_address: 'sign' };

export class Courier {
  constructor(day, client, random, courier) {
    Object.assign(this, { day, client, random, courier });
    this.scanner = new Scanner(day, client, random, courier.code);
    this.back = [];
    this.returning = [];
  }

  async work() {
    const { status, body: route } = await this.client.get('/v1/courier/route');
    if (status !== 200) return this.day.trouble(`route: ${status}`);
    const stops = route.stops.filter((s) => s.parcels?.length);
    if (!stops.length) return 0;
    await this.client.post('/v1/courier/shift', { action: 'start', at: this.day.clock.iso() });
    await this.#load(route.load_order, stops);
    for (const stop of stops) await this.#serve(stop);
    await this.#bringBack();
    await this.client.post('/v1/courier/shift', { action: 'end', at: this.day.clock.iso() });
    return stops.length;
  }

  async #load(order, stops) {
    const mine = order.length ? order : stops.flatMap((s) => s.parcels.map((p) => p.waybill));
    await this.scanner.send(mine.map((w) => this.scanner.make(w, 'load')));
    await this.day.clock.pass(600);
    await this.scanner.send(mine.map((w) => this.scanner.make(w, 'out_for_delivery')));
    await this.#loaded(mine.at(-1));
  }

  // The daemon derives states right after each batch; a courier walks slower than that.
  async #loaded(waybill) {
    for (let i = 0; i < 40; i++) {
      const { body } = await this.client.get(`/v1/parcels/${waybill}`);
      if (body?.state === 'out_for_delivery') return;
      await sleep(25 * (i + 1));
    }
  }

  async #serve(stop) {
    const { clock } = this.day;
    const eta = Date.parse(stop.eta);
    // Late is late; early waits, though never longer than an hour: plans of a day like this drift.
    await clock.until(Math.min(eta, clock.now() + 3600e3));
    if (stop.point) await this.client.post('/v1/courier/positions', { points: [{ at: clock.iso(), lat: stop.point.lat, lon: stop.point.lon, acc_m: 12 }] });
    const parcels = stop.parcels.map((x) => this.day.byWaybill.get(x.waybill)).filter(Boolean);
    if (stop.kind === 'locker') await this.#lockerStop(stop, parcels);
    else if (stop.kind === 'station') await this.scanner.send(parcels.map((p) => this.#stationIn(p)));
    else await this.#doors(parcels);
    this.day.tally('stops');
  }

  #stationIn(p) {
    p.atStation = true;
    this.day.tally('to a station');
    return this.scanner.make(p.waybill, 'station_in');
  }

  async #doors(parcels) {
    const scans = parcels.map((p) => {
      const fate = p.tried ? second[p.door] ?? p.door : p.door;
      const [kind, extra] = doorScans[fate]();
      p.tried = (p.tried ?? 0) + 1;
      if (kind === 'attempt_failed' || kind === 'exception') (p.tried > 1 ? this.returning : this.back).push(p);
      if (kind === 'refuse') this.returning.push(p);
      this.day.tally(`door ${kind}`);
      return this.scanner.make(p.waybill, kind, extra);
    });
    await this.scanner.send(scans);
  }

  async #lockerStop(stop, parcels) {
    const door = [];
    await each(parcels, 3, async (p) => {
      if (!(await this.#deposit(p, stop.locker.code))) door.push(p);
    });
    if (door.length) await this.#doors(door);
  }

  // True when the parcel is in the locker.
  async #deposit(p, locker) {
    for (let tries = 1; tries <= 3; tries++) {
      const id = this.random.uuid7(this.day.clock.now());
      const sentAt = this.day.realUs();
      const { status, body } = await this.client.post('/v1/deposits', { id, waybill: p.waybill, locker });
      if (status === 200 && body.status === 'open') {
        this.day.opened.push({ locker, n: body.compartment, sentAt, answeredAt: this.day.realUs() });
        this.day.ledger.ack('deposit', id);
        if (await this.day.hands.putAndClose(locker, body.compartment)) return this.#confirmed(p, id);
        this.day.trouble(`${locker}/${body.compartment}: the door was not open though the API said so`);
        return false;
      }
      this.day.tally(`deposit ${status} ${body?.type?.replace(/.*[/:]/, '') ?? body?.status}`);
      if (status === 409) return false;
      await sleep(200);
    }
    return false;
  }

  async #confirmed(p, id) {
    for (let i = 0; i < 60; i++) {
      const { body } = await this.client.get(`/v1/deposits/${id}`);
      if (['confirmed', 'collected', 'overdue', 'recalled'].includes(body?.status)) {
        this.day.tally('deposited');
        return true;
      }
      if (['void', 'failed'].includes(body?.status)) break;
      await sleep(50 + 10 * i);
    }
    this.day.trouble(`${p.waybill}: deposit ${id} was not confirmed`);
    return true;
  }

  async #bringBack() {
    await this.scanner.send(this.back.map((p) => this.scanner.make(p.waybill, 'unload')));
    await this.startReturns(this.returning);
    this.back = [];
    this.returning = [];
  }

  // What goes back to its sender: announced, and handed over at the site later.
  async startReturns(parcels) {
    await this.scanner.send(parcels.map((p) => this.scanner.make(p.waybill, 'return_start')));
    this.day.returns.push(...parcels);
  }

  // Overdue and refused parcels come out of the locker again.
  async recall(p, locker, n) {
    for (let tries = 1; tries <= 3; tries++) {
      const { status, body } = await this.client.post(`/v1/parcels/${p.waybill}/recall`);
      if (status === 404) return false;
      if (status < 300 && (await this.day.hands.takeAndClose(body.locker ?? locker, body.compartment ?? n))) {
        this.day.tally('recalled');
        return true;
      }
      this.day.tally(`recall ${status} ${body?.type ?? body?.status}`);
      await sleep(300);
    }
    this.day.trouble(`${p.waybill} could not be recalled`);
    return false;
  }
}
