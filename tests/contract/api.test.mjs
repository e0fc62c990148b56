// Every endpoint of the description (yizhand --openapi), asked wrongly in every way its own schema forbids: each time the
// answer must be a problem document with a stable type that names the field, and the database must be as before. Then the
// rules between tenants, roles, sessions and Idempotency-Keys. What is asked is generated: a new route is tested by being there.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { before, test } from 'node:test';
import { pathToFileURL } from 'node:url';

const base = new URL(process.env.BASE_URL);
const api = JSON.parse(readFileSync(process.env.OPENAPI, 'utf8'));
const BODY_MAX = 200000;

// ---- asking

const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
function send(method, path, headers, body) {
  return new Promise((done, fail) => {
    const r = http.request({ host: base.hostname, port: base.port, agent, method, path, headers }, (answer) => {
      const parts = [];
      answer.on('data', (d) => parts.push(d));
      answer.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8');
        let json = null;
        try { json = JSON.parse(text); } catch { /* not JSON: the caller says whether that is right */ }
        done({ status: answer.statusCode, headers: answer.headers, text, json });
      });
    });
    // a kept connection may be closed by the server just as it is used again (RFC 9112, 9.3.1)
    r.on('error', (e) => (r.reusedSocket && e.code === 'ECONNRESET' ? send(method, path, headers, body).then(done, fail) : fail(e)));
    if (body !== undefined) r.setHeader('Content-Length', Buffer.byteLength(body));
    r.end(body);
  });
}
const tokens = {};
const auth = (who) => (who ? { Authorization: `Bearer ${tokens[who]}` } : {});
const as = (who, method, path, body, headers = {}) => send(method, path,
  { ...auth(who), ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
  body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body));

function problem(r, status, what, type, field) {
  const said = `${what}: ${r.status} ${r.text.slice(0, 300)}`;
  assert.ok([].concat(status).includes(r.status), `wanted ${status}, ${said}`);
  assert.equal(r.headers['content-type'], 'application/problem+json', said);
  assert.match(r.json?.type ?? '', /^urn:yizhan:problem:[a-z0-9-]+$/, said);
  assert.equal(r.json.status, r.status, said);
  assert.ok(r.json.title && r.json.detail?.length > 5, said);
  assert.doesNotMatch(r.text, /SQLSTATE|ERROR:|pg_|app\.|api\.|plpgsql/, said);
  if (type) assert.equal(r.json.type, `urn:yizhan:problem:${type}`, said);
  if (field !== undefined) assert.ok([r.json.field, ...(r.json.errors ?? []).map((e) => e.field)].includes(field), `no field ${field}, ${said}`);
}

// ---- the database, as it is

const psql = (sql) => execFileSync('psql', ['-qXAt', '-v', 'ON_ERROR_STOP=1', '-f', '-'], { input: sql, encoding: 'utf8' }).trim();
const tables = `SELECT string_agg(format('SELECT %L, count(*), md5(coalesce(string_agg(md5((to_jsonb(t) - ''until'')::text), '''' ORDER BY md5((to_jsonb(t) - ''until'')::text)), '''')) FROM app.%I t', relname, relname), ' UNION ALL ' ORDER BY relname)
FROM pg_class WHERE relnamespace = 'app'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition \\gexec
`;
const state = () => psql(tables);
let last = null; // what it was when the last test of this kind had ended
async function unchanged(work) {
  const was = last ?? state();
  last = null;
  await work();
  assert.equal(last = state(), was, 'the database has changed');
}
const changing = (work) => async () => { last = null; await work(); };

// Parcels' states follow their scans a moment later.
async function folded() {
  for (let i = 0; psql('SELECT count(*) FROM app.fold_queue') !== '0'; i++) { assert.ok(i < 50, 'no fold'); await new Promise((ok) => setTimeout(ok, 100)); }
}

// ---- what the description says

const resolve = (s) => (s?.$ref ? s.$ref.slice(2).split('/').reduce((o, k) => o[k], api) : s);
const everything = Object.entries(api.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, o]) => {
    const json = resolve(o.requestBody?.content?.['application/json']?.schema);
    const rows = json?.oneOf ? resolve(json.oneOf.map(resolve).find((s) => s.type === 'array').items) : null;
    return { id: o.operationId, path, method: method.toUpperCase(), roles: o['x-roles'] ?? [], schema: rows ?? json, rows: !!rows,
      parameters: o.parameters.map((p) => ({ ...p, schema: resolve(p.schema) })), keyed: o.parameters.some((p) => p.name === 'Idempotency-Key') };
  }));
// What answers in another's words (OSRM's) is held to those below.
const isOsrm = (o) => o.path.endsWith('/v1/{profile}/{coordinates}');
const operations = everything.filter((o) => !isOsrm(o));
const actor = { courier: 'courier.a', manager: 'manager.a', shop: 'shop.a', brand: 'brand.a', support: 'support.a', admin: 'admin' };
const other = { courier: 'courier.b', manager: 'manager.b', shop: 'shop.b', brand: 'brand.b', support: 'support.b' };
const whoMay = (o) => (o.roles.length ? actor[o.roles[0]] : null);
const isStream = (o) => /stream/.test(o.id);

// What belongs to park A and brand A; filled by before().
const known = { waybill: 'CONTRACT0001', token: null, code: 'LKA', n: '1', action: 'clean', z: '14', x: '13493', y: '6452', profile: 'driving', coordinates: '116.5,35.4;116.6,35.5' };
const things = { wave: null, deposit: null, webhook: null, sending: null };
const thingOf = (o) => (o.path.includes('/waves/') ? things.wave : o.path.includes('/deposits/') ? things.deposit : o.path.includes('/sendings/') ? things.sending : things.webhook);
const unknown = { waybill: 'NOSUCH0001', token: 'nosuchtokennosuchtoken', code: 'NOLOCKER', n: '999', action: 'nothing', id: randomUUID() };
const fill = (o, values) => o.path.replace(/\{(\w+)\}/g, (_, k) => values[k] ?? (k === 'id' ? thingOf(o) : known[k]));
const parametersOf = (o, where) => o.parameters.filter((p) => p.in === where);

// ---- bodies that fit, and those that do not

const uuid7 = () => { const h = Date.UTC(2026, 10, 11, 0, 30).toString(16).padStart(12, '0'), r = randomUUID(); return `${h.slice(0, 8)}-${h.slice(8)}-7${r.slice(15)}`; };
function example(given) {
  const s = resolve(given);
  if (s.enum) return s.enum[0];
  if (s.format === 'uuid') return uuid7();
  if (s.format === 'date-time') return '2026-11-11T08:30:00+08:00';
  if (s.type === 'string') return 'abcdefghijklmnopqrstuvwxyz0123456789'.slice(0, Math.max(s.minLength ?? 1, Math.min(8, s.maxLength ?? 8)));
  if (s.type === 'integer') return Math.max(s.minimum, Math.min(2, s.maximum));
  if (s.type === 'number') return Math.max(s.minimum, Math.min(1.5, s.maximum));
  if (s.type === 'boolean') return true;
  if (s.type === 'array') return Array.from({ length: Math.max(1, s.minItems) }, () => example(s.items));
  return Object.fromEntries((s.required ?? []).map((k) => [k, example(s.properties[k])]));
}
const full = (s) => Object.fromEntries(Object.keys(s.properties).map((k) => [k, resolve(s.properties[k]).properties ? full(resolve(s.properties[k])) : example(s.properties[k])]));

// Values that a schema forbids.
function wrongs(given) {
  const s = resolve(given);
  const samples = { string: ['text', '', '\u4f60'], integer: [7, -1e15], number: [1.25], boolean: [true], array: [[], [1], [null]], object: [{}, { a: 1 }] };
  const fitting = { string: ['string'], integer: ['integer'], number: ['integer', 'number'], boolean: ['boolean'], array: ['array'], object: ['object'] }[s.type];
  const list = Object.entries(samples).filter(([t]) => !fitting.includes(t)).flatMap(([, v]) => v);
  if (s.enum) list.push('no such word', s.enum[0].toUpperCase() === s.enum[0] ? s.enum[0].toLowerCase() : s.enum[0].toUpperCase(), `${s.enum[0]} `, '');
  else if (s.format === 'uuid') list.push('', 'text', '0190a1b2-c3d4-7e5f-8a9b', `${randomUUID()}0`, randomUUID().replace('-', ' '));
  else if (s.format === 'date-time') list.push('', 'tomorrow', '2026-11-11', '2026-02-30T08:00:00Z', '2026-11-11T25:00:00Z', '2026-11-11T08:00:00', '99999-11-11T08:00:00Z', '2026-11-11T08:00:00Zjunk');
  else if (s.type === 'string') {
    if (s.minLength > 0) list.push('x'.repeat(s.minLength - 1));
    if (s.maxLength) list.push('x'.repeat(s.maxLength + 1), '驿'.repeat(s.maxLength + 1));
  } else if (s.type === 'integer' || s.type === 'number') {
    list.push(s.minimum - 1, s.maximum + Math.max(1, s.maximum / 1000));
    if (s.type === 'integer') list.push(1.5);
  } else if (s.type === 'array') {
    if (s.minItems > 0) list.push([]);
    list.push(Array.from({ length: s.maxItems + 1 }, () => example(s.items)));
  }
  return list;
}

// [what, body, pointer of the fault]: one thing wrong in an otherwise full body.
function faultyBodies(schema) {
  const out = [];
  const walk = (s, at, put) => {
    for (const [name, given] of Object.entries(s.properties)) {
      const f = resolve(given), here = `${at}/${name}`;
      const set = (v) => put((o) => { if (v === undefined) delete o[name]; else o[name] = v; });
      for (const v of wrongs(f)) out.push([`${here} = ${JSON.stringify(v).slice(0, 40)}`, set(v), here]);
      if (s.required?.includes(name)) out.push([`${here} missing`, set(undefined), here], [`${here} null`, set(null), here]);
      const inner = f.type === 'array' ? resolve(f.items) : f;
      if (f.properties) walk(f, here, (change) => put((o) => change(o[name])));
      else if (f.type === 'array' && inner.properties) walk(inner, `${here}/0`, (change) => put((o) => change(o[name][0])));
      else if (f.type === 'array') for (const v of wrongs(inner)) out.push([`${here}/0 = ${JSON.stringify(v).slice(0, 40)}`, set([v]), `${here}/0`]);
    }
    for (const [name, pointer] of [['unknown', 'unknown'], ['a/b~c', 'a~1b~0c'], ['', ''], ['驿'.repeat(90), null], ['constructor', 'constructor']])
      out.push([`${at}/${name.slice(0, 9)} unknown`, put((o) => { o[name] = 1; }), pointer === null ? undefined : `${at}/${pointer}`]);
  };
  walk(schema, '', (change) => { const o = full(schema); change(o); return o; });
  return out;
}

const malformed = [
  ['empty', ''], ['blank', '  \n'], ['a brace', '{'], ['an unclosed text', '{"a": "b'], ['a comma too many', '{"a": 1,}'], ['two values', '{} {}'], ['junk behind', '{}x'],
  ['a name twice', '{"a": 1, "a": 1}'], ['NaN', '{"a": NaN}'], ['a comment', '{/* a */}'], ['single quotes', "{'a': 1}"], ['a number too large', '{"a": 1e999}'],
  ['an integer too large', '{"a": 99999999999999999999}'], ['a leading zero', '{"a": 01}'], ['too deep', `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`], ['brackets without end', '['.repeat(50000)],
  ['a raw control character', '{"a": "\n"}'], ['a raw NUL', '{"a": "\0"}'], ['an escaped NUL', '{"a": "\\u0000"}'], ['NUL at the end', '{}\0'], ['a half surrogate', '{"a": "\\ud800"}'], ['surrogates the wrong way', '{"a": "\\udc00\\ud800"}'],
  ['a bare word', 'hello'], ['a BOM', '\ufeff{}'],
  ['Latin-1', Buffer.from('{"a": "caf\xe9"}', 'latin1')], ['GB18030', Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xc4, 0xe3, 0x22, 0x7d])],
  ['an overlong slash', Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xc0, 0xaf, 0x22, 0x7d])], ['an overlong NUL', Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xe0, 0x80, 0x80, 0x22, 0x7d])],
  ['a surrogate in UTF-8', Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x7d])], ['beyond Unicode', Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xf4, 0x90, 0x80, 0x80, 0x22, 0x7d])],
  ['UTF-16', Buffer.from('{"a": 1}', 'utf16le')], ['a cut character', Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xe9, 0xa9])],
];
const foreignTypes = [undefined, '', 'text/plain', 'application/xml', 'application/jsonx', 'application/json-seq', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x',
  'application/json; charset=gb18030', 'application/json; charset="utf-16"'];

// ---- the city

before(async () => {
  for (let i = 0; (await send('GET', '/readyz', {})).status !== 200; i++) { assert.ok(i < 100, 'not ready'); await new Promise((r) => setTimeout(r, 100)); }
  await Promise.all([...Object.values(actor), ...Object.values(other)].map(async (login) => {
    const r = await as(null, 'POST', '/v1/sessions', { login, password: 'contract-test' });
    assert.equal(r.status, 201, r.text);
    tokens[login] = r.json.token;
  }));
  const dawn = '2026-11-11T00:30:00Z';
  for (const [shop, park, point, waybill] of [['shop.a', 'manager.a', 'PA', 'CONTRACT000'], ['shop.b', 'manager.b', 'PB', 'FOREIGN0000']]) {
    const parcels = [1, 2, 3].map((i) => ({ waybill: `${waybill}${i}`, point, prefer: i === 3 ? 'door' : 'locker', recipient: { name: `张三${i}`, phone: `1380000000${i}`, address: '1号楼101' } }));
    const r = await as(shop, 'POST', '/v1/parcels', parcels);
    assert.equal(r.json.accepted, 3, r.text);
    if (shop === 'shop.a') known.token = r.json.items[0].tracking.slice(3);
    await as(park, 'POST', '/v1/scans', parcels.map((p) => ({ id: uuid7(), waybill: p.waybill, kind: 'arrive', at: dawn })));
    await folded();
    const wave = (await as(park, 'POST', '/v1/waves', { max_seconds: 1 })).json.id;
    for (let i = 0; (await as(park, 'GET', `/v1/waves/${wave}`)).json.status === 'planning'; i++) { assert.ok(i < 100, 'no plan'); await new Promise((ok) => setTimeout(ok, 100)); }
    const published = await as(park, 'POST', `/v1/waves/${wave}/publish`, {});
    assert.equal(published.json.status, 'published', published.text);
    if (park === 'manager.a') things.wave = wave;
  }
  things.deposit = psql("SELECT d.id FROM app.deposit d JOIN app.parcel p ON p.id = d.parcel_id WHERE p.waybill = 'CONTRACT0001'");
  assert.match(things.deposit, /^[0-9a-f-]{36}$/, 'no compartment was reserved');
  things.webhook = (await as('brand.a', 'POST', '/v1/webhooks', { url: 'https://example.org/hook', events: ['never'] })).json.id;
  things.sending = (await as('shop.a', 'POST', '/v1/sendings', { locker: 'LKA', name: '李四', phone: '13900000009' })).json.id;
  // a session that has expired, and one that was closed
  for (const [name, expires, closed] of [['expired', '2026-11-10', 'NULL'], ['closed', '2026-12-01', "'2026-11-10'"]]) {
    tokens[name] = randomBytes(24).toString('base64url');
    psql(`INSERT INTO app.session SELECT '${createHash('sha256').update(tokens[name]).digest('hex')}', id, '2026-11-09', '${expires}', ${closed} FROM app.account WHERE login = 'admin'`);
  }
  for (let was = '', i = 0; was !== (was = state()); i++) { assert.ok(i < 30, 'the city does not come to rest'); await new Promise((ok) => setTimeout(ok, 1100)); }
});

// ---- the description itself

test('the description is OpenAPI 3.1 by its own schema', async (t) => {
  const entry = `${process.env.MODULES}/@seriousme/openapi-schema-validator/index.js`;
  if (!existsSync(entry)) { t.skip('the validator is not installed (npm ci in tests/contract)'); return; }
  const { Validator } = await import(pathToFileURL(entry));
  const validator = new Validator(), result = await validator.validate(structuredClone(api));
  assert.ok(result.valid, JSON.stringify(result.errors));
  assert.equal(validator.version, '3.1');
  assert.equal(new Set(everything.map((o) => o.id)).size, everything.length, 'operation ids are not unique');
  const broken = structuredClone(api);
  broken.paths['/v1/me'].get.parameters = 'none';
  assert.ok(!(await new Validator().validate(broken)).valid, 'the validator finds nothing wrong in what is wrong');
});
test('the daemon serves the description it prints', async () => {
  assert.deepEqual((await send('GET', '/openapi.json', {})).json, api);
});

// ---- each operation

for (const o of operations) {
  const name = `${o.method} ${o.path}`, who = whoMay(o), body = o.schema && (o.rows ? [example(o.schema)] : example(o.schema));

  if (o.roles.length) {
    test(`${name}: only for whom it is`, () => unchanged(async () => {
      const path = fill(o, {});
      for (const [what, headers] of [['no token', {}], ['an unknown token', { Authorization: `Bearer ${randomBytes(24).toString('base64url')}` }], ['an expired token', auth('expired')], ['a closed session', auth('closed')],
        ['an empty token', { Authorization: 'Bearer ' }], ['a long token', { Authorization: `Bearer ${'x'.repeat(4000)}` }], ['another scheme', { Authorization: 'Basic YTpi' }], ['a cookie of nobody', { Cookie: 'yz=nothing' }]]) {
        const r = await as(null, o.method, path, body, headers);
        problem(r, 401, what, 'no-session');
        assert.equal(r.headers['www-authenticate'], 'Bearer', what);
      }
      for (const role of Object.keys(actor).filter((x) => !o.roles.includes(x)))
        problem(await as(actor[role], o.method, path, body), 403, role, 'wrong-role');
    }));
  }

  if (parametersOf(o, 'path').length) {
    test(`${name}: unknown and malformed names`, () => unchanged(async () => {
      for (const p of parametersOf(o, 'path')) {
        if (unknown[p.name]) problem(await as(who, o.method, fill(o, { [p.name]: unknown[p.name] }), body), 404, `unknown ${p.name}`, 'not-found');
        for (const v of ['%20', '%FF', '%C0%AF', '..%2f..%2fetc', "x'--", '%E9%A9%BF', 'x'.repeat(200), '-1', '%2525', '00000000-0000-0000-0000-00000000000g'])
          if (!new RegExp(p.schema.pattern).test(decodeURIComponentOr(v))) problem(await as(who, o.method, fill(o, { [p.name]: v }), body), 404, `${p.name} = ${v}`);
        for (const v of ['%00', '%', '%zz', 'a%0'])
          problem(await as(who, o.method, fill(o, { [p.name]: v }), body), [400, 404], `${p.name} = ${v}`);
      }
    }));
  }

  if (parametersOf(o, 'query').length) {
    test(`${name}: parameters`, () => unchanged(async () => {
      for (const p of parametersOf(o, 'query')) {
        const list = wrongs(p.schema).filter((v) => typeof v === 'string').filter((v) => !v.includes('\0'));
        if (['integer', 'number'].includes(p.schema.type)) list.push(String(p.schema.minimum - 1), String(p.schema.maximum + 1), '1.5', '1e2', '0x10', ' 1', '99999999999999999999', 'NaN');
        for (const v of list) problem(await as(who, o.method, `${fill(o, {})}?${p.name}=${encodeURIComponent(v)}`), 422, `${p.name} = ${v}`, 'invalid-body', `/${p.name}`);
        for (const v of ['%FF', '%C0%80', '%ED%A0%80']) problem(await as(who, o.method, `${fill(o, {})}?${p.name}=${v}`), 422, `${p.name} = ${v}`, 'invalid-body', `/${p.name}`);
        for (const v of ['%00', '%', '%G0']) problem(await as(who, o.method, `${fill(o, {})}?${p.name}=${v}`), 400, `${p.name} = ${v}`);
        const fits = p.schema.enum?.[0] ?? (p.schema.format === 'uuid' ? randomUUID() : p.schema.type === 'integer' ? p.schema.minimum : "x' OR 1=1 --".slice(0, p.schema.maxLength));
        if (!/grants/.test(o.id)) assert.equal((await as(who, o.method, `${fill(o, {})}?${p.name}=${encodeURIComponent(fits)}&unknown=1`)).status, 200, `${p.name} = ${fits}`);
      }
    }));
  }

  if (o.schema) {
    test(`${name}: what is no JSON`, () => unchanged(async () => {
      for (const [what, text] of malformed)
        if (text !== '' || o.rows || o.schema.required?.length) problem(await as(who, o.method, fill(o, {}), text), 400, what, 'malformed-json');
      for (const [what, text] of [['null', 'null'], ['a number', '1'], ['a text', '"a"'], ['true', 'true'], ['an array', '[1]'], ['arrays', '[[]]'], ['an array of null', '[null]']]) {
        const r = await as(who, o.method, fill(o, {}), text);
        if (o.rows && r.status === 200) assert.ok(r.json.items.every((i) => i.errors?.length), `${what}: ${r.text}`);
        else problem(r, [400, 422], what);
      }
      for (const type of foreignTypes)
        problem(await send(o.method, fill(o, {}), { ...auth(who), ...(type === undefined ? {} : { 'Content-Type': type }) }, JSON.stringify(body)), 415, `Content-Type ${type}`, 'not-json');
    }));

    test(`${name}: one thing wrong`, () => unchanged(async () => {
      for (const [what, faulty, field] of faultyBodies(o.schema)) {
        if (!o.rows) {
          problem(await as(who, o.method, fill(o, {}), faulty), 422, what, 'invalid-body', field);
          continue;
        }
        const r = await as(who, o.method, fill(o, {}), [faulty]);
        assert.equal(r.status, 200, `${what}: ${r.text}`);
        assert.ok(['rejected', 'invalid'].includes(r.json.items[0].status), `${what}: ${r.text}`);
        assert.ok(r.json.items[0].errors.every((e) => e.reason), `${what}: ${r.text}`);
        if (field !== undefined) assert.ok(r.json.items[0].errors.some((e) => e.field === field), `${what}: ${r.text}`);
      }
      if (o.rows) {
        problem(await as(who, o.method, fill(o, {}), []), 422, 'no rows', 'too-many-rows');
        problem(await as(who, o.method, fill(o, {}), Array.from({ length: 1001 }, () => 1)), 422, 'too many rows', 'too-many-rows');
      }
    }));

    test(`${name}: too large`, () => unchanged(async () => {
      problem(await as(who, o.method, fill(o, {}), `{"a": "${'x'.repeat(BODY_MAX)}"}`), 413, 'one byte too many and more', 'body-too-large');
      problem(await send(o.method, fill(o, {}), { ...auth(who), 'Content-Type': 'application/json', 'Content-Length': '99999999999' }, undefined), 413, 'announced', 'body-too-large');
      const most = await as(who, o.method, fill(o, {}), `{"${'x'.repeat(BODY_MAX - 6)}":1}`);
      assert.ok([200, 422].includes(most.status) && !most.json.accepted, `as large as may be: ${most.text.slice(0, 200)}`);
    }));
  }

  if (o.method !== 'GET') {
    test(`${name}: headers that are none`, () => unchanged(async () => {
      for (const key of ['', 'x'.repeat(129), Buffer.from('驿站').toString('latin1'), 'a\tb'])
        problem(await as(who, o.method, fill(o, {}), body, { 'Idempotency-Key': key }), 400, `Idempotency-Key ${key}`, 'bad-idempotency-key');
    }));
  }
}
function decodeURIComponentOr(v) { try { return decodeURIComponent(v); } catch { return v; } }

test('methods an address does not take', () => unchanged(async () => {
  for (const [path, methods] of Object.entries(api.paths)) {
    const o = everything.find((x) => x.path === path), allowed = Object.keys(methods).map((m) => m.toUpperCase());
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'].filter((m) => !allowed.includes(m))) {
      const r = await as(whoMay(o), method, fill(o, {}), ['POST', 'PUT', 'PATCH'].includes(method) ? '{}' : undefined);
      // an address may be another one's under another method
      if (operations.some((x) => x.method === method && x.path !== path && new RegExp(`^${x.path.replace(/\{\w+\}/g, '[^/]+')}$`).test(fill(o, {})))) continue;
      if (isOsrm(o)) assert.equal(r.status, 405, `${method} ${path}`);
      else problem(r, 405, `${method} ${path}`, 'method-not-allowed');
      assert.deepEqual(r.headers.allow.split(', ').sort(), allowed.sort(), `${method} ${path}`);
    }
  }
}));

test('OSRM\'s services refuse in OSRM\'s words', () => unchanged(async () => {
  for (const o of everything.filter(isOsrm))
    for (const coordinates of ['', 'x', '1', '1,', '999,999', '116.5,35.4;', 'polyline(%60%60)', '%00', '%FF', '116.5,35.4;'.repeat(500)]) {
      const r = await as('manager.a', o.method, fill(o, { coordinates }));
      assert.ok(r.status >= 400 && r.status !== 500, `${o.path} ${coordinates.slice(0, 20)}: ${r.status} ${r.text}`);
      assert.ok(r.json.code || r.json.type, r.text);
    }
}));

test('nothing stands at other addresses', () => unchanged(async () => {
  for (const path of ['/v1', '/v1/', '/v1/parcels/', '/v2/parcels', '/v1/parcels/CONTRACT0001/', '/v1//parcels', '/V1/parcels', '/../etc/passwd', '/v1/%2e%2e/me', '/v1/me%00', '/.git/config', '/%E9%A9%BF'])
    problem(await as('admin', 'GET', path), [400, 404], path);
}));

test('what is not HTTP is told so', () => unchanged(async () => {
  const raw = (text) => new Promise((done, fail) => {
    const s = net.connect(base.port, base.hostname, () => s.write(text));
    let got = '';
    s.setTimeout(5000, () => { s.destroy(); fail(new Error(`no answer to ${JSON.stringify(text.slice(0, 60))}`)); });
    s.on('data', (d) => { got += d; if (/\r\n\r\n[\s\S]*\}$/.test(got)) { s.destroy(); done(got); } });
    s.on('error', fail);
    s.on('close', () => done(got));
  });
  const host = 'Host: x\r\n', length = 'Content-Length: 2\r\n';
  for (const [status, text] of [[400, 'GET\r\n\r\n'], [400, 'GET /v1/me HTTP/1.1\r\n\r\n'], [505, `GET / HTTP/9.9\r\n${host}\r\n`], [400, `GET /v1/me HTTP/1.1\r\n${host}A B: c\r\n\r\n`], [400, `GET /v1/me HTTP/1.1\r\n${host}A: b\r\n folded\r\n\r\n`],
    [400, `POST /v1/scans HTTP/1.1\r\n${host}${length}Content-Length: 3\r\n\r\n{}`], [411, `POST /v1/scans HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`], [411, `POST /v1/scans HTTP/1.1\r\n${host}${length}Transfer-Encoding: chunked\r\n\r\n{}`],
    [400, `POST /v1/scans HTTP/1.1\r\n${host}Content-Length: -2\r\n\r\n{}`], [400, `POST /v1/scans HTTP/1.1\r\n${host}Content-Length: 2, 2\r\n\r\n{}`], [400, `GET /v1/me HTTP/1.1\r\n${host}A: a\0b\r\n\r\n`], [400, `GET /v1/me HTTP/1.1\r\n${host}Host: y\r\n\r\n`],
    [431, `GET /v1/me HTTP/1.1\r\n${host}A: ${'x'.repeat(20000)}\r\n\r\n`], [400, `GET /a b HTTP/1.1\r\n${host}\r\n`], [400, `GET http:// HTTP/1.1\r\n${host}\r\n`]]) {
    const [head, body] = (await raw(text)).split('\r\n\r\n');
    assert.match(head, new RegExp(`^HTTP/1.1 ${status} `), `${JSON.stringify(text.slice(0, 80))}: ${head}`);
    assert.match(head, /Content-Type: application\/problem\+json/);
    assert.match(JSON.parse(body).type, /^urn:yizhan:problem:[a-z-]+$/);
  }
}));

// ---- tenants

for (const o of operations.filter((x) => x.roles.length && /\{(waybill|id|code)\}/.test(x.path))) {
  test(`${o.method} ${o.path}: a stranger's`, () => unchanged(async () => {
    const body = o.schema && example(o.schema);
    for (const role of o.roles.filter((r) => other[r]))
      problem(await as(other[role], o.method, fill(o, {}), body), [403, 404], role);
  }));
}
test('lists hold nothing of strangers', changing(async () => { // the list of grants issues them
  const ours = ['CONTRACT000', 'LKA', things.wave, things.deposit, things.webhook, things.sending, known.token, '"PA"', '"CA"', '"SA"'];
  for (const o of operations.filter((x) => x.method === 'GET' && x.roles.length && !x.path.includes('{') && !isStream(x)))
    for (const role of o.roles.filter((r) => other[r])) {
      const r = await as(other[role], 'GET', o.path);
      assert.equal(r.status, 200, `${role} ${o.path}: ${r.text}`);
      for (const mine of ours) assert.ok(!r.text.includes(mine), `${role} sees ${mine} at ${o.path}`);
    }
  assert.deepEqual((await as('shop.b', 'GET', '/v1/parcels?q=CONTRACT0001')).json.items, []);
  assert.deepEqual((await as('manager.b', 'GET', '/v1/park/parcels?q=CONTRACT0001')).json.items, []);
  assert.deepEqual((await as('courier.b', 'GET', '/v1/courier/grants?locker=LKA')).json.items, []);
}));
test('bodies that name a stranger\'s', () => unchanged(async () => {
  const deposit = (waybill, locker) => ({ id: uuid7(), waybill, locker });
  problem(await as('courier.b', 'POST', '/v1/deposits', deposit('CONTRACT0002', 'LKA')), 404, 'parcel and locker');
  problem(await as('courier.b', 'POST', '/v1/deposits', deposit('CONTRACT0002', 'LKB')), 404, 'parcel');
  problem(await as('courier.b', 'POST', '/v1/deposits', deposit('FOREIGN00002', 'LKA')), 404, 'locker');
  problem(await as('shop.b', 'POST', '/v1/sendings', { locker: 'LKA', name: 'x', phone: '13800000000' }), 404, 'locker');
  problem(await as('courier.b', 'POST', '/v1/courier/shift', { action: 'start', at: '2026-11-11T00:30:00Z', vehicle: 'VA' }), 404, 'vehicle');
  for (const [what, row, field] of [['point', { point: 'NOPOINT' }, '/point'], ['site', { site: 'NOSITE' }, '/site']]) {
    const r = await as('shop.b', 'POST', '/v1/parcels', [{ waybill: 'FOREIGN0009', point: 'PB', ...row, recipient: { name: 'x', phone: '13800000000', address: 'x' } }]);
    assert.equal(r.json.items[0].errors[0].field, field, `${what}: ${r.text}`);
  }
  const taken = await as('shop.b', 'POST', '/v1/parcels', [{ waybill: 'CONTRACT0001', point: 'PB', recipient: { name: 'x', phone: '13800000000', address: 'x' } }]);
  assert.equal(taken.json.rejected, 1, taken.text);
  assert.ok(!taken.json.items[0].tracking && !taken.json.items[0].id, `a stranger's link: ${taken.text}`);
}));
test('a receipt that no locker wrote', () => unchanged(async () => {
  const r = await as('courier.a', 'POST', '/v1/deposits/receipts', { receipts: ['not a receipt', 'eyJhIjoxfQ'] });
  assert.deepEqual(r.json.items.map((i) => i.status), ['not_genuine', 'not_genuine'], r.text);
}));

// ---- once

// Bodies under which the operation does something (or at least gets as far as the database).
const effective = { post_sendings: () => ({ locker: 'LKA', name: '李四', phone: '13900000009' }),
  post_roads_traffic: () => ({ changes: [{ way: 11, closed: true }] }),
  post_courier_shift: () => ({ action: 'start', at: '2026-11-11T00:30:00Z' }), post_deposits: () => ({ id: uuid7(), waybill: 'CONTRACT0002', locker: 'LKA' }), post_webhooks: () => ({ url: 'https://example.org/again', events: ['never'] }),
  post_parcels: () => [{ point: 'PA', recipient: { name: '李四', phone: '13900000000', address: '2号' } }, { waybill: `ONCE${Date.now()}`, point: 'PA', recipient: { name: '王五', phone: '13900000001', address: '3号' } }] };
for (const o of operations.filter((x) => x.keyed)) {
  test(`${o.method} ${o.path}: one effect a key`, changing(async () => {
    const who = whoMay(o), key = randomUUID(), headers = { 'Idempotency-Key': key };
    const body = JSON.stringify(effective[o.id]?.() ?? (o.rows ? [example(o.schema)] : example(o.schema)));
    const two = await Promise.all([as(who, o.method, fill(o, {}), body, headers), as(who, o.method, fill(o, {}), body, headers)]);
    assert.ok(two[0].status < 500, two[0].text);
    await folded();
    const was = state(), third = await as(who, o.method, fill(o, {}), body, headers);
    for (const r of [...two, third]) {
      assert.equal(r.status, two[0].status, r.text);
      assert.deepEqual(lasting(r.json), lasting(two[0].json));
    }
    problem(await as(who, o.method, fill(o, {}), `${body} `, headers), 422, 'another body', 'idempotency-key-reused');
    if (o.path.includes('{')) {
      const elsewhere = { ...unknown, action: known.action };
      problem(await as(who, o.method, fill(o, elsewhere), body, headers), 422, 'another address', 'idempotency-key-reused');
    }
    if (!/deposits|compartments|recall/.test(o.path)) assert.equal(state(), was, 'a repeat has changed something');
    const stranger = other[o.roles[0]];
    if (stranger) {
      await as(stranger, o.method, fill(o, {}), body, headers);
      assert.equal(psql(`SELECT count(*) FROM app.idempotency WHERE key = '${key}'`), '2', "a stranger's key is his own");
    }
  }));
}
// An answer without what was measured, or signed at that moment.
function lasting({ customized_ms: _, qr: __, ...rest }) { return rest; }
test('parcels without a waybill are taken in once under a key', changing(async () => {
  const count = () => Number(psql('SELECT count(*) FROM app.parcel')), n = count(), headers = { 'Idempotency-Key': randomUUID() };
  const body = [{ point: 'PA', recipient: { name: '赵六', phone: '13900000002', address: '4号' } }];
  const a = await as('shop.a', 'POST', '/v1/parcels', body, headers), b = await as('shop.a', 'POST', '/v1/parcels', body, headers);
  assert.equal(a.json.accepted, 1, a.text);
  assert.equal(a.text, b.text);
  assert.equal(count(), n + 1);
}));
test('a scan is its own key', changing(async () => {
  const scan = { id: uuid7(), waybill: 'CONTRACT0003', kind: 'arrive', at: '2026-11-11T00:30:00Z' };
  assert.equal((await as('manager.a', 'POST', '/v1/scans', scan)).json.result, 'recorded');
  await folded();
  await unchanged(async () => {
    assert.equal((await as('manager.a', 'POST', '/v1/scans', scan)).json.result, 'duplicate');
    assert.equal((await as('manager.a', 'POST', '/v1/scans', { ...scan, kind: 'sort' })).json.result, 'conflict');
  });
}));
test('a check digit that is wrong: a parcel is told, a scan is taken and flagged', changing(async () => {
  const parcel = (waybill) => ({ waybill, point: 'PA', recipient: { name: '钱七', phone: '13900000003', address: '5号' } });
  const r = await as('shop.a', 'POST', '/v1/parcels', [parcel('RR473124829GB'), parcel('RR473124828GB'), parcel('106141412345678901')]);
  assert.deepEqual(r.json.items.map((i) => i.status), ['accepted', 'rejected', 'rejected'], r.text);
  assert.deepEqual(r.json.items[1].errors, [{ field: '/waybill', reason: 'check-digit: UPU S10 asks for 9 here, not 8' }]);
  const sheet = 'waybill,point,recipient.name,recipient.phone,recipient.address\nRR473124821GB,PA,a,13900000003,b\n';
  const csv = await send('POST', '/v1/parcels', { ...auth('shop.a'), 'Content-Type': 'text/csv' }, sheet);
  assert.equal(csv.json.items[0].errors?.[0].field, '/waybill', csv.text);
  const scan = { id: uuid7(), waybill: 'RR473124828GB', kind: 'arrive', at: '2026-11-11T00:30:00Z' };
  assert.deepEqual((await as('manager.a', 'POST', '/v1/scans', scan)).json.flags, ['unknown_parcel', 'check_digit']);
  assert.deepEqual((await as('manager.a', 'POST', '/v1/scans', { ...scan, id: uuid7(), waybill: 'RR473124829GB' })).json.flags, []);
  assert.match(psql(`SELECT detail->>'check_digit' FROM app.event WHERE id = '${scan.id}'`), /asks for 9/);
}));
test('a bad row leaves its neighbours alone', changing(async () => {
  const good = { id: uuid7(), waybill: 'CONTRACT0003', kind: 'sort', at: '2026-11-11T00:30:00Z' };
  const r = await as('manager.a', 'POST', '/v1/scans', [{ ...good, id: 'none' }, good, { ...good, detail: [] }]);
  assert.deepEqual(r.json.items.map((i) => i.status ?? i.result), ['invalid', 'recorded', 'invalid'], r.text);
}));
test('a sending: signed for any compartment, told until it is over', changing(async () => {
  const made = await as('shop.a', 'POST', '/v1/sendings', { locker: 'LKA', size: 'L', name: '李四', phone: '13900000009', note: '退货' });
  assert.equal(made.status, 201, made.text);
  assert.match(made.json.qr, /^YZ1\|dropoff\|LKA\|[^|]+\|[0-9a-f-]{36}\|-\|0\|0\|/, made.text);
  assert.equal(made.json.qr.split('|')[8], made.json.id, 'the ref is the sending');
  assert.equal(made.json.qr.split('|')[12], 'L');
  assert.ok(!made.text.includes('13900000009') && !made.json.code && !made.json.permit, made.text); // no locker is there to be told
  const one = (await as('brand.a', 'GET', `/v1/sendings/${made.json.id}`)).json;
  assert.equal(one.qr.split('|')[4], made.json.qr.split('|')[4], 'the same permission');
  assert.equal((await as('manager.a', 'GET', `/v1/sendings/${made.json.id}`)).json.qr, undefined);
  assert.ok((await as('shop.a', 'GET', '/v1/sendings?status=expected&limit=1')).json.items[0].id === made.json.id);
  problem(await as('courier.a', 'POST', `/v1/sendings/${made.json.id}/open`, {}), 409, 'nothing inside', 'not-inside');
  const gone = await as('shop.a', 'POST', `/v1/sendings/${made.json.id}/cancel`, {});
  assert.deepEqual([gone.json.status, gone.json.qr, gone.json.withdrawn], ['cancelled', undefined, undefined], gone.text);
  await folded();
  assert.equal((await as('shop.a', 'GET', `/v1/parcels/${made.json.waybill}`)).json.state, 'cancelled');
}));
test('a return: what was received goes back, once', changing(async () => {
  problem(await as(null, 'POST', `/v1/t/${known.token}/return`, {}), 409, 'not received', 'no-return');
  await as('courier.a', 'POST', '/v1/scans', { id: uuid7(), waybill: 'CONTRACT0003', kind: 'sign', at: '2026-11-11T00:30:00Z' });
  await folded();
  const token = psql("SELECT tracking FROM app.parcel WHERE waybill = 'CONTRACT0003'");
  const page = (await as(null, 'GET', `/v1/t/${token}`)).json;
  assert.ok(page.can.includes('return') && page.return_lockers[0].locker === 'LKA', JSON.stringify(page));
  const [a, b] = await Promise.all([as(null, 'POST', `/v1/t/${token}/return`, { size: 'M' }), as(null, 'POST', `/v1/t/${token}/return`, { size: 'M' })]);
  assert.deepEqual([a.status, b.status].sort(), [200, 201], a.text + b.text);
  assert.equal(a.json.id, b.json.id);
  assert.equal((await as(null, 'GET', `/v1/t/${token}`)).json.return.qr.split('|')[8], a.json.id);
  assert.equal((await as(null, 'POST', `/v1/t/${token}/return/cancel`, {})).json.status, 'cancelled');
  problem(await as(null, 'POST', `/v1/t/${token}/return/cancel`, {}), 404, 'nothing to cancel', 'not-found');
  await folded();
}));
test('the audit chain and every other invariant still hold', () => {
  assert.equal(psql("SELECT name || ': ' || example FROM api.checks_run() WHERE violations > 0 AND name NOT LIKE 'I12 %'"), '');
});
