// A keep-alive JSON client. What the server says is returned with its status; only a lost connection throws.
import http from 'node:http';
import https from 'node:https';

export class Client {
  // url: "https://127.0.0.1:8443"; ca: PEM text or undefined.
  constructor(url, { ca, sockets = 16 } = {}) {
    this.url = new URL(url);
    this.module = this.url.protocol === 'https:' ? https : http;
    this.agent = new this.module.Agent({ keepAlive: true, maxSockets: sockets, scheduling: 'lifo', ca });
    this.token = null;
    this.count = 0;
    this.statuses = {};
  }

  // The same connections for somebody who logs in with `login()` (a token), and again when the session has ended.
  async as(login) {
    const other = Object.create(this);
    other.login = login;
    other.token = await login();
    return other;
  }

  // body: an object (JSON) or {type, text}.
  send(method, path, body, headers = {}) {
    const payload = body === undefined ? undefined : typeof body?.text === 'string' && body.type ? body.text : JSON.stringify(body);
    const options = {
      agent: this.agent,
      hostname: this.url.hostname,
      port: this.url.port,
      method,
      path,
      headers: {
        ...(payload === undefined ? {} : { 'Content-Type': body.type ?? 'application/json', 'Content-Length': Buffer.byteLength(payload) }),
        ...(this.token ? { Authorization: `Bearer ${this.token}` } : {}),
        ...headers,
      },
    };
    return new Promise((done, failed) => {
      const request = this.module.request(options, (response) => {
        const parts = [];
        response.on('data', (part) => parts.push(part));
        response.on('error', failed);
        response.on('end', () => done(this.answer(method, path, response.statusCode, parts)));
      });
      request.setTimeout(60000, () => request.destroy(new Error(`${method} ${path}: no answer within 60 s`)));
      request.on('error', failed);
      request.end(payload);
    });
  }

  answer(method, path, status, parts) {
    const text = Buffer.concat(parts).toString();
    let body = null;
    try {
      body = text ? JSON.parse(text) : null;
    } catch {
      body = { detail: text.slice(0, 200) };
    }
    const key = `${method} ${path.replace(/\/t\/[^/]+/, '/t/…').replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, '…').replace(/\?.*/, '').replace(/\/parcels\/[^/]+/, '/parcels/…')} ${status}`;
    this.statuses[key] = (this.statuses[key] ?? 0) + 1;
    return { status, body };
  }

  // Repeats what the network or a busy server swallowed: every request of ours carries its own identity.
  async sure(method, path, body, headers) {
    for (let tries = 1; ; tries++) {
      try {
        const answer = await this.send(method, path, body, headers);
        if (answer.status === 401 && this.login && tries === 1) this.token = await this.login();
        else if (answer.status < 500 && answer.status !== 429) return answer;
        if (tries === 8) return answer;
      } catch (e) {
        if (tries === 8) throw new Error(`${method} ${path}: ${e.message}`);
      }
      await new Promise((done) => setTimeout(done, 50 * 2 ** tries));
    }
  }

  get(path) {
    return this.sure('GET', path);
  }

  post(path, body = {}, headers) {
    return this.sure('POST', path, body, headers);
  }

  close() {
    this.agent.destroy();
  }
}

// Runs `work` over the items, at most `width` at a time.
export async function each(items, width, work) {
  const queue = items[Symbol.iterator]();
  const workers = Array.from({ length: width }, async () => {
    for (const item of queue) await work(item);
  });
  await Promise.all(workers);
}

export function chunks(list, size) {
  const out = [];
  for (let i = 0; i < list.length; i += size) out.push(list.slice(i, i + size));
  return out;
}
