// Seeded randomness: the same seed gives the same city and the same people on every machine. xoshiro128** with a
// seed spread by splitmix32 (Blackman & Vigna 2018).

function splitmix(state) {
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = state ^ (state >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z ^= z >>> 15;
    z = Math.imul(z, 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
}

const rotate = (x, k) => ((x << k) | (x >>> (32 - k))) >>> 0;

export class Random {
  // `stream` names who draws, so that one actor's draws never move another's.
  constructor(seed, stream = '') {
    let h = 2166136261;
    for (const c of `${seed}/${stream}`) h = Math.imul(h ^ c.codePointAt(0), 16777619) >>> 0;
    const next = splitmix(h);
    this.s = [next(), next(), next(), next()];
  }

  bits() {
    const s = this.s;
    const result = Math.imul(rotate(Math.imul(s[1], 5), 7), 9) >>> 0;
    const t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3] >>> 0, 11);
    return result;
  }

  real() {
    return this.bits() / 4294967296;
  }

  // A whole number in [from, to].
  int(from, to) {
    return from + Math.floor(this.real() * (to - from + 1));
  }

  chance(p) {
    return this.real() < p;
  }

  pick(list) {
    return list[Math.floor(this.real() * list.length)];
  }

  // [[value, weight], …]
  weighted(pairs) {
    let total = 0;
    for (const [, w] of pairs) total += w;
    let x = this.real() * total;
    for (const [v, w] of pairs) {
      x -= w;
      if (x < 0) return v;
    }
    return pairs[pairs.length - 1][0];
  }

  shuffle(list) {
    for (let i = list.length - 1; i > 0; i--) {
      const j = this.int(0, i);
      [list[i], list[j]] = [list[j], list[i]];
    }
    return list;
  }

  // Bell-shaped, by the sum of twelve.
  normal(mean, deviation) {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += this.real();
    return mean + sum * deviation;
  }

  hex(bytes) {
    let s = '';
    while (s.length < bytes * 2) s += this.bits().toString(16).padStart(8, '0');
    return s.slice(0, bytes * 2);
  }

  // UUID version 7 (RFC 9562) of a time in milliseconds.
  uuid7(ms) {
    const t = Math.floor(ms).toString(16).padStart(12, '0');
    const r = this.hex(10);
    const variant = ((parseInt(r[3], 16) & 3) | 8).toString(16);
    return `${t.slice(0, 8)}-${t.slice(8)}-7${r.slice(0, 3)}-${variant}${r.slice(4, 7)}-${r.slice(7, 19)}`;
  }
}
