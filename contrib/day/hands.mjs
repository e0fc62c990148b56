// Hands at the lockers: they put, take and close, through the control socket of yizhan-boards, which answers one
// line per line in order. Doors spring open by themselves when the bolt is drawn (yizhan-boards --auto).
import net from 'node:net';
import { sleep } from './clock.mjs';

export class Hands {
  constructor(socketPath) {
    this.waiting = [];
    this.rest = '';
    this.socket = net.connect(socketPath);
    this.socket.setEncoding('utf8');
    this.socket.on('data', (text) => this.#heard(text));
    this.ready = new Promise((done, failed) => {
      this.socket.once('connect', done);
      this.socket.once('error', failed);
    });
    this.socket.on('error', () => {});
  }

  #heard(text) {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop();
    for (const line of lines) this.waiting.shift()?.(line.trim());
  }

  say(line) {
    return new Promise((done) => {
      this.waiting.push(done);
      this.socket.write(`${line}\n`);
    });
  }

  // Tries until it can be done (the door is about to spring open), for at most `ms`. True when it was.
  async #insist(line, ms) {
    const end = performance.now() + ms;
    for (;;) {
      if (!(await this.say(line)).startsWith('error')) return true;
      if (performance.now() > end) return false;
      await sleep(8);
    }
  }

  async #state(locker, n) {
    const text = await this.say(`state ${locker} ${n}`);
    return Object.fromEntries(text.split(' ').map((w) => w.split('=')));
  }

  // Puts an item in (or beside the one already there) and closes.
  async putAndClose(locker, n, ms = 3000) {
    if (!(await this.#open(locker, n, ms))) return false;
    await this.say(`put ${locker} ${n}`);
    return this.#insist(`close ${locker} ${n}`, ms);
  }

  // Takes what is inside and closes.
  async takeAndClose(locker, n, ms = 3000) {
    if (!(await this.#open(locker, n, ms))) return false;
    await this.say(`take ${locker} ${n}`);
    return this.#insist(`close ${locker} ${n}`, ms);
  }

  async #open(locker, n, ms) {
    const end = performance.now() + ms;
    while ((await this.#state(locker, n)).open !== '1') {
      if (performance.now() > end) return false;
      await sleep(8);
    }
    return true;
  }

  close() {
    this.socket.destroy();
  }
}
