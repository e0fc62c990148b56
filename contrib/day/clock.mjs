// Business time: every process of the city is given the same start, origin and rate, and so agrees on it.
const SHANGHAI_MS = 8 * 3600 * 1000;

export class Clock {
  // start: business ms at the origin; origin: real ms; rate: business seconds per real second.
  constructor(start, origin, rate) {
    Object.assign(this, { start, origin, rate });
  }

  static real() {
    return performance.timeOrigin + performance.now();
  }

  now() {
    return this.start + (Clock.real() - this.origin) * this.rate;
  }

  iso(ms = this.now()) {
    return new Date(ms).toISOString();
  }

  // The business instant of a local time of day, `day` days after the first: at('17:30', 1).
  at(time, day = 0) {
    const [h, m] = time.split(':').map(Number);
    const midnight = Math.floor((this.start + SHANGHAI_MS) / 86400000) * 86400000 - SHANGHAI_MS;
    return midnight + day * 86400000 + (h * 60 + m) * 60000;
  }

  // Local "d hh:mm" for people.
  text(ms = this.now()) {
    const d = new Date(ms + SHANGHAI_MS).toISOString();
    return d.slice(5, 16).replace('T', ' ');
  }

  until(ms) {
    const wait = (ms - this.now()) / this.rate;
    return wait > 0 ? new Promise((done) => setTimeout(done, wait)) : Promise.resolve();
  }

  pass(businessSeconds) {
    return this.until(this.now() + businessSeconds * 1000);
  }
}

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
