// Who orders what, and what becomes of it: the parcels of a day with their recipients and their fates, drawn from
// the seed. Shares follow the trade's usual figures: most people agree to a locker where one stands before the
// house, three in a hundred forget their parcel there, one in twenty is not at home.
import { Random } from './random.mjs';
import { personName } from './city.mjs';

// [length, width, height] mm and grams
const boxes = [
  [[[220, 160, 60], 400], 30],
  [[[300, 200, 80], 900], 26],
  [[[350, 250, 150], 2200], 24],
  [[[420, 300, 180], 3800], 10],
  [[[440, 330, 270], 6500], 8],
  [[[600, 400, 350], 11000], 2],
];

const atTheDoor = [['sign', 900], ['absent', 45], ['absent_twice', 8], ['refuse', 20], ['wrong_address', 12], ['damaged', 2]];
const atTheLocker = [['collect', 945], ['forget', 30], ['refuse', 12], ['extend', 13]];

function residentsOf(point, random, count, serial) {
  return Array.from({ length: count }, (_, i) => ({
    name: personName(random),
    phone: `199${String(serial * 211 + i * 7).padStart(8, '0').slice(-8)}`,
    address: `济宁市${point.town}${point.name}${random.int(1, 18)}号楼${random.int(1, 4)}单元${random.int(101, 1802)}室`,
  }));
}

// How the recipient wants it: by the sender's address, by their own word, or nothing said (then it is the door).
function wish(point, random) {
  if (point.locker) return random.weighted([[['locker', 'sender'], 30], [['locker', 'resident'], 44], [['door', 'resident'], 6], [[null], 20]]);
  if (point.station) return random.weighted([[['station', 'sender'], 35], [['station', 'resident'], 35], [[null], 30]]);
  return random.chance(0.1) ? ['door', 'resident'] : [null];
}

export function makeParcels(city, { seed, count, prefix }) {
  const random = new Random(seed, 'people');
  const weights = city.points.map((p) => [p, p.weight]);
  const people = new Map();
  const parcels = [];

  city.points.forEach((p, i) => people.set(p.code, residentsOf(p, random, Math.max(3, p.weight * 2), i)));
  for (let i = 0; i < count; i++) {
    const point = random.weighted(weights);
    const recipient = random.pick(people.get(point.code));
    const [size, grams] = random.weighted(boxes);
    const [how, by] = wish(point, random);
    const service = random.weighted([['standard', 95], ['fresh', 4], ['valuable', 1]]);
    parcels.push({
      waybill: `${prefix}${String(i + 1).padStart(6, '0')}`,
      site: point.site,
      point,
      recipient,
      how: how ?? 'door',
      by,
      always: by === 'resident' && random.chance(0.15),
      door: random.weighted(atTheDoor),
      locker: random.weighted(atTheLocker),
      wait_h: Math.max(0.5, random.chance(0.6) ? random.normal(3, 1.5) : random.normal(8, 3)),
      wave: random.chance(0.75) ? 1 : 2,
      body: {
        order_no: `D${String(i + 1).padStart(7, '0')}`,
        recipient,
        point: point.code,
        ...(by === 'sender' ? { prefer: how } : {}),
        weight_g: Math.round(grams * (0.7 + random.real() * 0.6)),
        length_mm: size[0],
        width_mm: size[1],
        height_mm: size[2],
        declared_fen: random.int(1500, 40000),
        service,
      },
    });
    parcels.at(-1).body.waybill = parcels.at(-1).waybill;
  }
  return parcels;
}
