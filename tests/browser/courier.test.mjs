// The handheld: a shift without signal, scanners of three kinds, doors, proof.
import test, { after, beforeEach } from 'node:test';
import assert from 'node:assert/strict';
import { courierRoute, GRANT } from './mock.mjs';
import { open, shot, until, PHONE, SMALL } from './browser.mjs';

const b = await open();
const { mock } = b;
after(b.close);
beforeEach(() => Object.assign(mock.state, { scans: new Map(), scanPosts: 0, poison: null, route: courierRoute(), deposit: 'open', calls: [], receipts: [] }));

async function login(viewport, options) {
  const page = await b.visit('/', viewport, options);
  await page.fill('[name=login]', 'courier');
  await page.fill('[name=password]', 'pass');
  await page.click('button.main');
  await page.waitForURL('**/courier');
  await page.waitForSelector('.stop');
  return page;
}
/** The page of a courier who has logged in before. */
async function handheld(route, viewport = PHONE) {
  if (route) mock.state.route = route;
  const storageState = { cookies: [], origins: [{ origin: mock.url, localStorage: [{ name: 'me', value: '{"id":"u1"}' }] }] };
  const page = await b.visit('/courier', viewport, { storageState });
  await page.waitForSelector('.stop');
  return page;
}
/** A word of the courier's own sheet. */
const own = async (page, word) => { await page.click('.own'); await page.click(`[role=dialog] button:has-text("${word}")`); await page.press('[role=dialog]', 'Escape'); };
const type = async (page, waybill) => { await page.fill('.scan input', waybill); await page.press('.scan input', 'Enter'); };
const sent = () => [...mock.state.scans.values()];
const shellKept = (page) => until(() => page.evaluate(async () => !!navigator.serviceWorker.controller && !!(await caches.match('/courier'))), 'the shell is kept', 40000);

test('a wrong password is said and nothing else', async () => {
  const page = await b.visit('/', SMALL);
  await page.fill('[name=login]', 'courier');
  await page.fill('[name=password]', 'wrong');
  await page.click('button.main');
  await until(async () => (await page.textContent('[role=alert]')) === '账号或密码不对', 'the problem is said');
  await shot(page, 'login-360');
  await page.context().close();
});

test('the route fits a small phone, in sun and in English', async () => {
  const page = await login(SMALL);
  assert.equal(await page.locator('.stop').count(), 3);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, 'nothing is wider than the screen');
  for (const box of await page.locator('.stop button, .actions button.main').evaluateAll((all) => all.map((e) => e.getBoundingClientRect().height))) assert.ok(box >= 48, `a target is ${box} high`);
  await shot(page, 'route-360');
  await own(page, '强光');
  await shot(page, 'route-360-sun');
  await own(page, 'English');
  await page.waitForSelector('text=Canal Garden');
  assert.equal(await page.getAttribute('html', 'lang'), 'en');
  await shot(page, 'route-360-en');
  await page.context().close();
});

test('loading keeps its order, and a second scan of a label counts once', async () => {
  const page = await handheld(courierRoute('sorted'));
  await page.click('button.main:has-text("装车")');
  const rows = () => page.locator('.list .mono').allTextContents();
  const before = await rows();
  assert.deepEqual(before, mock.state.route.load_order);
  await type(page, before[0]);
  await type(page, before[0]);
  await until(() => sent().length === 1, 'the scan arrived');
  // the server plans anew and would turn the list around
  mock.state.route.load_order = [...mock.state.route.load_order.slice(1)].reverse();
  await shot(page, 'load-390');
  await page.reload();
  await page.waitForSelector('.stop');
  await page.click('button.main:has-text("装车")');
  assert.deepEqual(await rows(), before);
  for (const w of before.slice(1)) await type(page, w);
  await page.click('text=出发派件');
  await until(() => sent().filter((s) => s.kind === 'out_for_delivery').length === 5, 'five are out');
  assert.equal(sent().filter((s) => s.kind === 'load').length, 5);
  await page.context().close();
});

test('scans made without a signal survive a reload and arrive once, with their true times', async () => {
  const page = await login(PHONE, { serviceWorkers: 'allow' });
  await shellKept(page);
  await page.context().setOffline(true);
  const from = await page.evaluate(() => Date.now() + Number(localStorage.getItem('offset')));
  await page.click('.stop:nth-child(3) button');
  await page.click('button:has-text("入站")');
  await page.waitForSelector('.parcel.done');
  await page.reload();
  await page.waitForSelector('.stop.done');
  await until(async () => /1 待同步/.test(await page.textContent('.sync')), 'one waits');
  await shot(page, 'offline-390');
  assert.equal(mock.state.scanPosts, 0);
  await page.context().setOffline(false);
  await until(() => sent().length === 1, 'it arrived');
  const [scan] = sent();
  assert.equal(scan.kind, 'station_in');
  assert.match(scan.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]/);
  assert.equal('user' in scan, false, 'what is ours stays ours');
  assert.ok(Math.abs(Date.parse(scan.at) - from) < 5000, `${scan.at} is when it happened`);
  await until(async () => /已同步/.test(await page.textContent('.sync')), 'all is synced');
  await page.click('.sync');
  await page.waitForSelector('.rows li:has-text("已记录")');
  await shot(page, 'sync-390');
  await page.context().close();
});

test('a lost answer is asked again under the same id', async () => {
  const page = await handheld();
  let lost = 0;
  await page.route('**/v1/scans', async (route) => (lost++ ? route.continue() : (await route.fetch(), route.abort())));
  await page.click('.stop:nth-child(3) button');
  await page.click('button:has-text("入站")');
  await until(async () => /已同步/.test(await page.textContent('.sync').catch(() => '')) || (await page.locator('.bar .plain').first().click().catch(() => {}), false), 'synced', 30000);
  assert.equal(mock.state.scanPosts, 2);
  assert.equal(sent().length, 1);
  await page.context().close();
});

test('one bad row does not hold up the others and is never dropped', async () => {
  const page = await handheld(courierRoute('sorted'));
  await page.click('button.main:has-text("装车")');
  await page.context().setOffline(true);
  mock.state.poison = 'BAD';
  for (const w of ['YZ00000031', 'BAD', 'YZ00000021']) await type(page, w);
  await page.context().setOffline(false);
  await until(() => sent().length === 2, 'the good ones arrived');
  await page.click('.bar .plain');
  await until(async () => /1 待同步/.test(await page.textContent('.sync')), 'the bad one is kept');
  await page.click('.sync');
  await page.waitForSelector('.rows .problem:has-text("BAD")');
  mock.state.poison = null;
  await page.click('button:has-text("重试")');
  await until(() => sent().length === 3, 'it arrived in the end');
  await page.context().close();
});

test('another courier on the same handheld does not send what is not his', async () => {
  const page = await handheld();
  await page.route('**/v1/scans', (route) => route.abort());
  await page.click('.stop:nth-child(3) button');
  await page.click('button:has-text("入站")');
  await page.waitForSelector('.parcel.done');
  await page.evaluate(() => localStorage.setItem('me', JSON.stringify({ id: 'u9' })));
  await page.unroute('**/v1/scans');
  await page.reload();
  await until(async () => /已同步/.test(await page.textContent('.sync').catch(() => '')), 'nothing of his waits');
  assert.equal(sent().length, 0);
  await page.evaluate(() => localStorage.setItem('me', JSON.stringify({ id: 'u1' })));
  await page.reload();
  await until(() => sent().length === 1, 'sent under the right name');
  await page.context().close();
});

test('a wedge scanner finds the stop without touching the screen', async () => {
  const page = await handheld();
  await page.keyboard.type('YZ00000021', { delay: 5 });
  await page.keyboard.press('Enter');
  await page.waitForSelector('.bar:has-text("运河佳园")');
  assert.match(await page.textContent('.parcels'), /¥12\.50/);
  await page.context().close();
});

test('a deposit shows the compartment huge and is confirmed when the door is closed', async () => {
  const page = await handheld(null, SMALL);
  await page.click('.stop:nth-child(1) button');
  await shot(page, 'stop-360');
  await page.click('.parcel:nth-child(1) .main');
  await page.click('[role=dialog] .main');
  await page.waitForSelector('.huge:has-text("7")');
  assert.ok(await page.locator('.huge').evaluate((e) => parseFloat(getComputedStyle(e).fontSize)) >= 72);
  await shot(page, 'deposit-360');
  const { body } = mock.state.calls.find((c) => c.path === '/v1/deposits');
  assert.deepEqual([body.waybill, body.locker], ['YZ00000011', 'L001']);
  mock.state.deposits.get(body.id).status = 'confirmed';
  await page.waitForSelector('text=已投放');
  await page.click('[role=dialog] .main');
  await page.waitForSelector('.parcel.done');
  await page.context().close();
});

for (const [answer, words] of [['no-consent', '未同意投柜'], ['locker-full', '已满'], ['jammed', '没有打开']]) {
  test(`a deposit that cannot be says why: ${answer}`, async () => {
    mock.state.deposit = answer;
    const page = await handheld();
    await page.click('.stop:nth-child(1) button');
    await page.click('.parcel:nth-child(1) .main');
    await page.click('[role=dialog] .main');
    await page.waitForSelector(`[role=dialog] [role=alert]:has-text("${words}")`);
    await page.press('[role=dialog]', 'Escape');
    assert.equal(await page.locator('[role=dialog]').count(), 0);
    assert.equal(await page.locator('.parcel.done').count(), 0);
    await page.context().close();
  });
}

test('to the door with a signature, and with a code', async () => {
  const page = await handheld();
  await page.click('.stop:nth-child(2) button');
  await page.click('.parcel:nth-child(1) button:has-text("签收")');
  await shot(page, 'proof-390');
  await page.click('[role=dialog] .main');
  const box = await page.locator('canvas').boundingBox();
  await page.mouse.move(box.x + 30, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + 200, box.y + 120, { steps: 8 });
  await page.mouse.up();
  await shot(page, 'signature-390');
  await page.click('.signature .main');
  await until(() => sent().length === 1, 'signed');
  const [first] = sent();
  assert.equal(first.detail.by, 'self');
  assert.equal(first.detail.proof.kind, 'signature');
  const png = Buffer.from(first.detail.proof.data_b64, 'base64');
  assert.equal(png.subarray(1, 4).toString(), 'PNG');
  assert.ok(png.length < 65536);

  await page.click('.parcel:nth-child(2) button:has-text("签收")');
  await page.click('[role=dialog] >> text=家人');
  await page.click('[role=dialog] >> text=签收码');
  await page.fill('[name=code]', '4821');
  await page.click('[role=dialog] form .main');
  await until(() => sent().length === 2, 'signed with a code');
  const { detail } = sent()[1];
  assert.deepEqual([detail.by, detail.proof.kind, Buffer.from(detail.proof.data_b64, 'base64').toString()], ['family', 'code', '4821']);
  await page.context().close();
});

test('a photo is made small enough to send', async () => {
  const page = await handheld();
  await page.click('.stop:nth-child(2) button');
  await page.click('.parcel:nth-child(1) button:has-text("签收")');
  const noise = await page.evaluate(() => {
    const c = Object.assign(document.createElement('canvas'), { width: 1600, height: 1200 }), g = c.getContext('2d');
    for (let i = 0; i < 4000; i++) { g.fillStyle = `hsl(${(i * 47) % 360} 80% 50%)`; g.fillRect((i * 131) % 1600, (i * 71) % 1200, 40, 40); }
    return c.toDataURL('image/png').split(',')[1];
  });
  await page.setInputFiles('[role=dialog] input[type=file]', { name: 'door.png', mimeType: 'image/png', buffer: Buffer.from(noise, 'base64') });
  await until(() => sent().length === 1, 'sent');
  const { proof } = sent()[0].detail;
  assert.equal(proof.kind, 'photo');
  assert.ok(proof.data_b64.length <= 65536);
  assert.equal(Buffer.from(proof.data_b64, 'base64').readUInt16BE(0), 0xffd8);
  await page.context().close();
});

test('a problem goes with its reason, a refusal as such', async () => {
  const page = await handheld(null, SMALL);
  await page.click('.stop:nth-child(2) button');
  await page.click('.parcel:nth-child(1) button:has-text("派送异常")');
  await shot(page, 'problem-360');
  await page.click('[role=dialog] >> text=联系不上');
  await page.click('.parcel:nth-child(2) button:has-text("派送异常")');
  await page.click('[role=dialog] >> text=拒收');
  await until(() => sent().length === 2, 'both arrived');
  assert.deepEqual(sent().map((s) => [s.kind, s.reason]), [['attempt_failed', 'no_contact'], ['refuse', 'refused']]);
  // what failed is marked, and does not hold up the way; it is gone back to at the end
  for (const s of mock.state.route.stops) for (const p of s.parcels) p.state = s.seq === 2 ? 'attempt_failed' : s.seq === 1 ? 'signed' : p.state;
  await page.click('.bar .plain');
  await page.waitForSelector('.stop:nth-child(2):has-text("派送失败 2")');
  await page.waitForSelector('.actions .main:has-text("下一站 3")');
  await page.context().close();
});

test('the route is drawn without any tile', async () => {
  const page = await handheld();
  await page.click('.actions >> text=路线图');
  await until(async () => (await page.locator('.map circle').count()) === 3, 'three stops are drawn');
  await shot(page, 'map-390');
  await page.locator('.map circle').nth(1).click();
  await page.waitForSelector('.bar:has-text("运河佳园")');
  await page.context().close();
});

test('a full locker names another; what does not open is cancelled', async () => {
  mock.state.deposit = 'locker-full';
  const page = await handheld();
  await page.click('.stop:nth-child(1) button');
  await page.click('.parcel >> nth=0 >> text=投柜');
  await page.click('[role=dialog] >> text=开柜投放');
  await page.click('[role=dialog] .grid button:has-text("L002")');
  await page.click('[role=dialog] >> text=取消投放');
  await page.waitForSelector('[role=dialog] >> text=开柜投放');
  const posts = mock.state.calls.filter((c) => c.method === 'POST' && c.path.startsWith('/v1/deposits'));
  assert.deepEqual(posts.slice(0, 2).map((c) => c.body.locker), ['L001', 'L002']);
  assert.equal(posts[2].path, `/v1/deposits/${posts[1].body.id}/cancel`);
  await page.context().close();
});

test('without a signal the locker opens by the grant kept, and its receipt is carried home', async () => {
  const page = await login(PHONE, { serviceWorkers: 'allow' });
  await shellKept(page);
  await until(() => page.evaluate(() => localStorage.getItem('grants')), 'grants are kept');
  await page.context().setOffline(true);
  await page.click('.stop:nth-child(1) button');
  await page.click('.parcel:nth-child(1) .main');
  await page.click('[role=dialog] .main');
  await page.waitForSelector('.qr');
  await shot(page, 'grant-390');
  const drawn = await page.evaluate(async () => {
    const svg = document.querySelector('.qr'), img = new Image();
    svg.setAttribute('width', 400);
    svg.setAttribute('height', 400);
    img.src = 'data:image/svg+xml,' + encodeURIComponent(new XMLSerializer().serializeToString(svg));
    await img.decode();
    const c = document.createElement('canvas');
    c.width = c.height = 400;
    const g = c.getContext('2d');
    g.drawImage(img, 0, 0);
    const zxing = await import('/zxing.js');
    zxing.prepareZXingModule({ overrides: { locateFile: () => '/zxing.wasm' } });
    return (await zxing.readBarcodes(g.getImageData(0, 0, 400, 400), { formats: ['QRCode'] }))[0]?.text;
  });
  assert.equal(drawn, GRANT.grant, 'a reader reads the grant');
  await type(page, 'YZR1|L001|3|17|1794364200000000|7|01930000-0000-7000-8000-0000000000ff|g|0|mac');
  await page.waitForSelector('[role=alert]:has-text("不是此件")');
  const receipt = `YZR1|L001|3|17|1794364200000000|7|${GRANT.deposit_id}|${GRANT.deposit_id}|0|0123456789abcdef0123456789abcdef`;
  await type(page, receipt);
  await page.waitForSelector('text=已投放');
  await page.click('[role=dialog] .main');
  await page.waitForSelector('.parcel.done');
  await page.click('.bar .plain');
  await until(async () => /1 待同步/.test(await page.textContent('.sync')), 'the receipt waits');
  await page.context().setOffline(false);
  await until(() => mock.state.receipts.length, 'it arrived');
  assert.deepEqual(mock.state.receipts, [receipt]);
  await until(async () => /已同步/.test(await page.textContent('.sync')), 'nothing waits');
  await page.context().close();
});

test('a locker that is cut off is opened by the grant as well', async () => {
  mock.state.deposit = 'offline';
  const page = await handheld();
  await until(() => page.evaluate(() => localStorage.getItem('grants')), 'grants are kept');
  await page.click('.stop:nth-child(1) button');
  await page.click('.parcel:nth-child(1) .main');
  await page.click('[role=dialog] .main');
  await page.waitForSelector('.qr');
  assert.equal(mock.state.calls.find((c) => c.path === '/v1/deposits').body.id, GRANT.deposit_id, 'asked for under the reservation');
  await page.context().close();
});

test('a route that changes shows at once', async () => {
  const page = await handheld();
  const route = courierRoute();
  route.stops.pop();
  mock.state.route = route;
  await until(() => mock.state.streams.size > 0, 'the page listens');
  mock.push('route', { why: 'published' });
  await page.waitForFunction(() => document.querySelectorAll('.stop').length === 2, null, { timeout: 5000 });
  await page.context().close();
});

test('the shift is begun and ended', async () => {
  const page = await handheld();
  for (const [word, action] of [['开始上班', 'start'], ['下班', 'end']]) {
    await own(page, word);
    await until(() => mock.state.calls.some((c) => c.path === '/v1/courier/shift' && c.body.action === action), action);
  }
  await page.context().close();
});

test('the signature is asked for once', async () => {
  const page = await handheld();
  await page.click('.stop:nth-child(2) button');
  await page.click('.parcel >> nth=0 >> text=签收');
  await page.click('text=手写签名');
  await page.waitForSelector('.signature canvas');
  assert.equal((await page.innerText('[role=dialog]')).split('请签名').length - 1, 1);
  await page.context().close();
});

test('no page asked another host, broke the policy or threw', () => assert.deepEqual(b.faults, []));
