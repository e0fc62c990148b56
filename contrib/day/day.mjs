// A day in the city, by the business clock: orders in the night, the dock at dawn, a wave in the morning and one at
// noon, residents at the lockers until evening, what is overdue taken out again the next day.
import fs from 'node:fs';
import { Client, each } from './http.mjs';
import { Clock, sleep } from './clock.mjs';
import { Courier } from './courier.mjs';
import { Hands } from './hands.mjs';
import { Ledger } from './ledger.mjs';
import { Manager } from './park.mjs';
import { makeParcels } from './people.mjs';
import { Random } from './random.mjs';
import { Residents } from './resident.mjs';
import { Scanner } from './dock.mjs';
import { Shop } from './shop.mjs';

export class Day {
  // o: rig (rig.json), city, seed, parcels, prefix (of waybills), say(text)
  constructor(o) {
    Object.assign(this, o);
    this.clock = new Clock(Date.parse(o.rig.clock.start), Date.parse(o.rig.clock.origin), +o.rig.clock.rate);
    this.public = new Client(o.rig.url, { ca: fs.readFileSync(o.rig.ca), sockets: 24 });
    this.ledger = new Ledger();
    this.hands = new Hands(o.rig.boards);
    this.counts = {};
    this.troubles = [];
    this.violations = [];
    this.opened = []; // each deposit's opening: locker, n, sentAt, answeredAt (real µs)
    this.bursts = []; // scans and seconds of each busy spell at the docks
    this.returns = []; // parcels on their way back to the sender
    this.waves = [];
    this.lastCollect = this.clock.at('12:00', 1);
    this.people = makeParcels(o.city, { seed: o.seed, count: o.parcels, prefix: o.prefix });
    this.byWaybill = new Map(this.people.map((p) => [p.waybill, p]));
    this.byTracking = new Map();
  }

  tally(what, n = 1) {
    this.counts[what] = (this.counts[what] ?? 0) + n;
  }

  trouble(text) {
    this.troubles.push(`${this.clock.text()} ${text}`);
  }

  violation(text) {
    this.violations.push(text);
  }

  busy(where, scans, startedMs) {
    this.bursts.push({ where, scans, from: startedMs, to: performance.now() });
  }

  realUs() {
    return Math.round(Clock.real() * 1000);
  }

  async #login(account) {
    const { status, body } = await this.public.post('/v1/sessions', { login: account.login, password: account.password });
    if (status !== 201) throw new Error(`${account.login} cannot log in: ${status} ${body?.detail ?? ''}`);
    return body.token;
  }

  async #actors() {
    const of = new Map();
    await each(this.city.accounts.filter((a) => a.role !== 'admin'), 8, async (a) => of.set(a.login, await this.public.as(() => this.#login(a))));
    const account = (role, key, code) => of.get(this.city.accounts.find((a) => a.role === role && a[key] === code).login);
    this.sites = this.city.sites.map((site) => {
      const boss = account('manager', 'site', site.code);
      return {
        site,
        manager: new Manager(this, boss, site),
        dock: new Scanner(this, boss, new Random(this.seed, `dock ${site.code}`), `${site.code}-dock`),
        couriers: this.city.couriers.filter((c) => c.site === site.code).map((c) => new Courier(this, account('courier', 'courier', c.code), new Random(this.seed, `courier ${this.prefix}${c.code}`), c)),
      };
    });
    this.shops = this.city.shops.map((s) => ({ ...s, actor: new Shop(this, account('shop', 'shop', s.code), new Random(this.seed, `shop ${s.code}`)) }));
    this.residents = new Residents(this, new Random(this.seed, 'residents'));
  }

  #parcelsOf(site, wave) {
    return this.people.filter((p) => p.site === site && p.wave === wave);
  }

  async #orders(wave) {
    await each(this.shops, 4, async (s) => {
      const mine = this.#parcelsOf(s.site, wave);
      await s.actor.post(mine);
      for (const p of mine) if (p.tracking) this.byTracking.set(p.tracking, p);
      await this.residents.consent(mine);
    });
    this.say(`${this.clock.text()}  ${this.counts.parcels ?? 0} parcels ordered`);
  }

  async #dock(wave) {
    await each(this.sites, 4, (s) => s.dock.receive(this.#parcelsOf(s.site.code, wave)));
    this.say(`${this.clock.text()}  ${Object.entries(this.counts).filter(([k]) => k.startsWith('scans ')).reduce((a, [, n]) => a + n, 0)} scans at the docks`);
  }

  // One wave per site; couriers leave as soon as theirs is published.
  async #wave(name) {
    const out = [];
    await Promise.all(this.sites.map(async (s) => {
      s.planning = (s.planning ?? Promise.resolve()).then(() => s.manager.wave(name)); // one at a time
      const figures = await s.planning;
      if (!figures) return;
      this.waves.push({ site: s.site.code, name, ...figures });
      out.push(...s.couriers.map((c) => this.#courier(c)));
    }));
    const mine = this.waves.filter((w) => w.name === name);
    const sum = (key) => mine.reduce((a, w) => a + (w[key] ?? 0), 0);
    this.say(`${this.clock.text()}  wave ${name}: ${sum('parcels')} parcels on ${sum('routes')} routes, ${Math.round(sum('metres') / 1000)} km, ${sum('unassigned')} left`);
    return Promise.all(out);
  }

  // The agent of a station hands out what people come for.
  async #stations() {
    await each(this.sites, 4, async (s) => {
      const mine = this.people.filter((p) => p.atStation && !p.fetched && p.site === s.site.code && p.locker !== 'forget');
      for (const p of mine) p.fetched = true;
      this.tally('fetched at a station', mine.length);
      await s.dock.send(mine.map((p) => s.dock.make(p.waybill, 'sign', { detail: { by: 'self', proof: { kind: 'code' } } })));
    });
  }

  // A courier has two hands: the second wave waits until the first is done.
  #courier(c) {
    c.turn = (c.turn ?? Promise.resolve()).then(() => c.work()).catch((e) => this.trouble(`${c.courier.code}: ${e.message}`));
    return c.turn;
  }

  async #progress(stop) {
    while (!stop.now) {
      await Promise.race([sleep(5000), stop.promise]);
      if (stop.now) return;
      const c = this.counts;
      this.say(`${this.clock.text()}  ${c.stops ?? 0} stops, ${c.deposited ?? 0} in lockers, ${c.collected ?? 0} collected, ${c['door sign'] ?? 0} signed at the door`);
    }
  }

  // The next day: what nobody fetched or wanted comes out of the lockers and goes back.
  async #recalls() {
    await Promise.all(this.sites.map(async (s) => {
      const waiting = [...(await s.manager.parcels('overdue')), ...(await s.manager.parcels('refused'))].map((w) => this.byWaybill.get(w)).filter((p) => p && p.lockerCode && !p.collected);
      const done = [];
      await each(waiting.entries(), 4, async ([i, p]) => {
        if (await s.couriers[i % s.couriers.length].recall(p, p.lockerCode)) done.push(p);
      });
      if (done.length) await s.couriers[0].startReturns(done);
    }));
  }

  async #handBack() {
    await each(this.sites, 4, async (s) => {
      const mine = this.returns.filter((p) => p.site === s.site.code);
      await s.dock.send(mine.flatMap((p) => [s.dock.make(p.waybill, 'unload'), s.dock.make(p.waybill, 'return_start', {}, this.clock.now() + 1000), s.dock.make(p.waybill, 'return_done', {}, this.clock.now() + 2000)]));
    });
    this.returns = [];
  }

  async run() {
    const stop = {};
    stop.promise = new Promise((done) => (stop.end = done));
    await this.hands.ready;
    await this.#actors();
    const reading = this.residents.readNotices(stop);
    const telling = this.#progress(stop);
    const { clock } = this;

    this.startedAt = performance.now();
    await this.#orders(1);
    await clock.until(clock.at('06:00'));
    await this.#dock(1);
    const morning = this.#wave('morning');
    await clock.until(clock.at('10:30'));
    await this.#orders(2);
    await this.#dock(2);
    const noon = this.#wave('noon');
    await Promise.all([morning, noon]);
    await clock.until(clock.at('20:00'));
    await this.#stations();
    await clock.until(clock.at('07:00', 1));
    await this.#handBack();
    await this.#wave('next-morning');
    await this.#stations();
    await clock.until(clock.at('12:30', 1));
    await this.#recalls();
    await this.residents.finish();
    await this.#recalls();
    await this.#handBack();
    stop.now = true;
    stop.end();
    await Promise.all([reading, telling]);
    this.seconds = (performance.now() - this.startedAt) / 1000;
    this.hands.close();
  }
}
