// The city: Jining's 12 county-level units with a park or hub each, its 158 townships and sub-districts, and in them
// delivery points of the four kinds, lockers, brands, shops, couriers and vehicles. Names and codes are the real
// ones (see README.md); where things lie within a county is made up, the same for the same seed. With `streets`
// everything is laid out on the streets of a map instead.
import crypto from 'node:crypto';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { Random } from './random.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));

function readCsv(name) {
  const [head, ...rows] = fs.readFileSync(path.join(here, name), 'utf8').trim().split('\n');
  const columns = head.split(',');
  return rows.map((row) => Object.fromEntries(row.split(',').map((cell, i) => [columns[i], cell])));
}

const estates = ['花园', '新城', '佳苑', '嘉园', '名邸', '馨苑', '学府', '御景', '春天', '家园', '华庭', '水岸'];
const prefixes = ['运河', '太白', '古槐', '洸河', '琵琶山', '济安', '任兴', '圣都', '凤凰', '南池', '北湖', '泉城', '东方', '金色', '明珠', '翰林'];
const villages = ['前', '后', '东', '西', '大', '小'];
const clans = ['张', '王', '李', '孔', '孟', '颜', '曾', '刘', '陈', '赵', '杨', '马', '宋', '郭', '冯', '苏'];
const given = ['建国', '秀英', '志强', '丽', '伟', '敏', '静', '磊', '洋', '艳', '勇', '军', '杰', '娟', '涛', '明', '超', '霞', '平', '刚', '桂兰', '子涵', '浩然', '欣怡'];

export const personName = (random) => random.pick(clans) + random.pick(given);

const calendars = {
  community: { hours: [['07:00', '22:00']] },
  campus: { hours: [['07:30', '12:30'], ['13:00', '21:00']] },
  park: { hours: [['08:00', '12:00'], ['13:00', '19:30']] },
  township: { hours: [['07:30', '20:30']] },
};

// Walk from the vehicle and service time per kind, seconds.
const effort = { community: [90, 45], campus: [60, 30], park: [60, 60], township: [20, 40] };

// ---- where things lie ----

const toLat = (metres) => metres / 111195;
const toLon = (metres, lat) => metres / (111195 * Math.cos((lat * Math.PI) / 180));
const round = (x) => Math.round(x * 1e6) / 1e6;

// By great circle: sub-districts close to the seat, towns in rings around it (golden angle, so none lie together).
class Plain {
  constructor(seed) {
    this.random = new Random(seed, 'plain');
  }

  seat(county) {
    return { lat: +county.lat, lon: +county.lon };
  }

  area(seat, index, count, urban) {
    const angle = index * 2.399963;
    const reach = urban ? 900 + 2600 * Math.sqrt((index + 0.5) / count) : 4500 + 10500 * Math.sqrt((index + 0.5) / count);
    return this.near(seat, reach, angle);
  }

  near(centre, metres, angle = this.random.real() * 2 * Math.PI) {
    return {
      lat: round(centre.lat + toLat(metres * Math.sin(angle))),
      lon: round(centre.lon + toLon(metres * Math.cos(angle), centre.lat)),
    };
  }

  spot(centre, urban) {
    return this.near(centre, this.random.int(150, urban ? 900 : 2200));
  }
}

// On a map: `streets` are spots on streets that all reach each other. Seats are far from one another, everything
// else takes the nearest spot that is still free.
class Mapped {
  constructor(seed, streets) {
    this.random = new Random(seed, 'mapped');
    this.free = streets.map(([lat, lon]) => ({ lat, lon }));
    this.seats = [];
  }

  static distance(a, b) {
    const dx = (a.lon - b.lon) * Math.cos((a.lat * Math.PI) / 180);
    return Math.hypot(a.lat - b.lat, dx) * 111195;
  }

  #take(wish) {
    let best = 0;
    let least = Infinity;
    this.free.forEach((spot, i) => {
      const d = Mapped.distance(spot, wish);
      if (d < least) [best, least] = [i, d];
    });
    if (least === Infinity) throw new Error('the map has too few streets for this city');
    return this.free.splice(best, 1)[0];
  }

  seat() {
    let wish = this.free[0];
    let most = -1;
    for (const spot of this.free) {
      const d = this.seats.length ? Math.min(...this.seats.map((s) => Mapped.distance(s, spot))) : 0;
      if (d > most) [wish, most] = [spot, d];
    }
    const seat = this.#take(wish);
    this.seats.push(seat);
    return seat;
  }

  area(seat) {
    return this.#take(seat);
  }

  spot(centre) {
    return this.#take(centre);
  }
}

// ---- what stands there ----

function pointsOf(town, centre, land, random, add) {
  const urban = /街道|高新|开发区|服务中心/.test(town.name);
  if (!urban) {
    add('township', `${town.name}快递驿站`, centre, { station: true, weight: 5 });
    add('township', `${random.pick(villages)}${random.pick(clans)}村代办点`, land.spot(centre, false), { station: true, weight: 2 });
    if (random.chance(0.35)) add('community', `${random.pick(prefixes)}${random.pick(estates)}`, land.spot(centre, true), { weight: 4 });
    return;
  }
  for (let i = 0, n = random.int(3, 4); i < n; i++)
    add('community', `${random.pick(prefixes)}${random.pick(estates)}`, land.spot(centre, true), { weight: random.int(5, 9), station: random.chance(0.3) });
  if (random.chance(0.3)) add('campus', `${town.name.replace(/街道.*/, '')}校区`, land.spot(centre, true), { weight: 9, station: true });
  if (random.chance(0.4)) add('park', `${town.name.replace(/街道.*/, '')}产业园`, land.spot(centre, true), { weight: 6 });
}

const vehicles = {
  etrike: { pieces: 260, grams: 300000, cm3: 2600000 },
  van: { pieces: 600, grams: 900000, cm3: 6500000 },
};

const banks = [
  { profile: 'xunming16', boards: 4, doors: 16 },
  { profile: 'waveshare32', boards: 2, doors: 32 },
];
const boardSizes = { 16: 'SSSSSSMMMMMMLLLX', 32: 'SSSSSSSSSSSSMMMMMMMMMMMMLLLLLLXX' };

function lockerAt(code, point, site, bank) {
  const letters = boardSizes[bank.doors];
  const compartments = [];
  for (let board = 1; board <= bank.boards; board++)
    for (let door = 1; door <= bank.doors; door++)
      compartments.push({ n: compartments.length + 1, size: { S: 'S', M: 'M', L: 'L', X: 'XL' }[letters[door - 1]], board, door });
  return { code, point: point.code, site, lat: point.lat, lon: point.lon, profile: bank.profile, sizes: letters, compartments };
}

// One password per role will do for a demonstration on the loopback address. Never from the seed.
const passwords = () => Object.fromEntries(['courier', 'shop', 'manager', 'admin'].map((role) => [role, crypto.randomBytes(6).toString('hex')]));

// Shares a number out by weights; each gets at least `least`.
function shareOut(total, weights, least) {
  const sum = weights.reduce((a, b) => a + b, 0);
  const out = weights.map((w) => Math.max(least, Math.floor((total * w) / sum)));
  const missing = () => total - out.reduce((a, b) => a + b, 0);
  for (let i = 0; missing() > 0; i = (i + 1) % out.length) out[i]++;
  while (missing() < 0 && Math.max(...out) > least) out[out.indexOf(Math.max(...out))]--;
  return out;
}

export function makeCity({ seed = 1, couriers = 48, lockers = 24, streets = null } = {}) {
  const random = new Random(seed, 'city');
  const land = streets ? new Mapped(seed, streets) : new Plain(seed);
  const counties = readCsv('counties.csv');
  const townships = readCsv('townships.csv');
  const password = passwords();
  const city = { city: '济宁', seed, sites: [], brands: [], shops: [], vehicles: [], couriers: [], points: [], lockers: [], accounts: [] };
  const shares = counties.map((c) => +c.share);
  const courierShare = shareOut(couriers, shares, 2);
  const lockerShare = shareOut(lockers, shares, lockers < shares.length ? 0 : 1);

  for (const [code, name] of [['YD', '运达快递'], ['SF', '顺丰速递'], ['ZT', '中通快递']]) city.brands.push({ code, name });
  counties.forEach((county, c) => {
    const site = { code: county.site, name: `${county.name}共配园区`, name_en: `${county.name_en} park`, kind: c ? 'hub' : 'park', ...land.seat(county) };
    const towns = townships.filter((t) => t.code.startsWith(county.code));
    const points = [];
    city.sites.push(site);
    towns.forEach((town, t) => {
      const urban = /街道|高新|开发区|服务中心/.test(town.name);
      const centre = land.area(site, t, towns.length, urban);
      let nth = 0;
      pointsOf(town, centre, land, random, (kind, name, at, { weight, station = false }) => {
        const [walk_s, service_s] = effort[kind];
        const weekdays = kind === 'township' && nth && random.chance(0.3) ? { weekdays: random.pick([[1, 3, 5], [2, 4, 6]]) } : {};
        points.push({ code: `${town.code}-${++nth}`, name, name_en: `${county.name_en} ${kind} ${town.code}-${nth}`, kind, site: site.code, ...at, walk_s, service_s, station, calendar: { ...calendars[kind], ...weekdays }, weight, town: town.name });
      });
    });
    // Lockers stand where most people live.
    points.sort((a, b) => (b.kind !== 'township') - (a.kind !== 'township') || b.weight - a.weight || (a.code < b.code ? -1 : 1));
    for (let i = 0; i < lockerShare[c] && i < points.length; i++) {
      points[i].weight *= 6;
      points[i].locker = `${county.site}-L${String(i + 1).padStart(2, '0')}`;
      city.lockers.push(lockerAt(points[i].locker, points[i], site.code, banks[city.lockers.length % banks.length]));
    }
    city.points.push(...points);
    for (let i = 1; i <= courierShare[c]; i++) {
      const code = `${county.site}-C${String(i).padStart(2, '0')}`;
      const kind = i % 3 === 0 ? 'etrike' : 'van';
      city.vehicles.push({ code: `${code}-V`, site: site.code, class: kind, ...vehicles[kind] });
      const name = personName(random);
      city.couriers.push({ code, name, site: site.code, vehicle: `${code}-V`, shift: { start: '07:00', end: '22:00' }, max_trips: 3, piece_fen: 110 });
      city.accounts.push({ login: code.toLowerCase(), name, role: 'courier', courier: code, password: password.courier });
    }
    city.shops.push({ code: `${county.site}-S1`, brand: random.pick(city.brands).code, site: site.code, name: `${county.name}电商仓` });
    city.accounts.push({ login: `${county.site}-s1`.toLowerCase(), name: `${county.name}电商仓`, role: 'shop', shop: `${county.site}-S1`, password: password.shop });
    city.accounts.push({ login: `${county.site}-m`.toLowerCase(), name: `${county.name}调度`, role: 'manager', site: site.code, password: password.manager });
  });
  city.accounts.push({ login: 'admin', name: '管理员', role: 'admin', password: password.admin });
  return city;
}
