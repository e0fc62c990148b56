// Sending by a locker: the resident's QR and code, the courier's pickup, the park's list.
import test, { after, beforeEach } from 'node:test';
import assert from 'node:assert/strict';
import { courierRoute, dropped, pickup, tracked } from './mock.mjs';
import { open, shot, until, PHONE, SMALL } from './browser.mjs';

const b = await open();
const { mock } = b;
after(b.close);
const received = () => ({ ...tracked(), state: 'signed', state_text: { zh: '已取件', en: 'Collected' }, locker: null, can: ['return'],
  return: null, return_lockers: [{ locker: 'L001', place: '洸河社区', place_en: 'Guanghe Community', online: true }, { locker: 'L002', place: '运河佳园', place_en: 'Canal Garden', online: false }] });
beforeEach(() => Object.assign(mock.state, { tracked: received(), route: courierRoute(), calls: [], dropped: [], recall: { grant_id: 'g', status: 'opened', compartment: 9, reason: null } }));
const posted = (path) => mock.state.calls.filter((c) => c.method === 'POST' && c.path === path);

/** What a phone's camera would read from the QR on the page. */
const readQr = (page) => page.evaluate(async () => {
  const { readBarcodes, prepareZXingModule } = await import('/zxing.js');
  prepareZXingModule({ overrides: { locateFile: () => '/zxing.wasm' } });
  const svg = new XMLSerializer().serializeToString(document.querySelector('svg.qr')).replace('<svg', '<svg width="600" height="600"');
  const image = new Image();
  image.src = `data:image/svg+xml;base64,${btoa(unescape(encodeURIComponent(svg)))}`;
  await image.decode();
  const canvas = Object.assign(document.createElement('canvas'), { width: 600, height: 600 });
  canvas.getContext('2d').drawImage(image, 0, 0, 600, 600);
  return (await readBarcodes(canvas.getContext('2d').getImageData(0, 0, 600, 600), { formats: ['QRCode'] }))[0]?.text;
});

test('sends back what was received: QR, then code, then kept after all', async () => {
  const page = await b.visit('/t/TOKEN', SMALL);
  await page.check('label:has-text("运河佳园") input');
  await page.selectOption('.send-back select', 'L');
  await page.click('.send-back .main');
  await page.waitForSelector('.send-back svg.qr');
  assert.deepEqual(posted('/v1/t/TOKEN/return')[0].body, { locker: 'L002', size: 'L' });
  assert.equal(await readQr(page), mock.state.tracked.return.qr);
  assert.match(await page.textContent('.send-back'), /11\/14 10:30/);
  await shot(page, 'resident-return');
  await page.click('text=获取数字码');
  await page.waitForSelector('.send-back .code:has-text("7312 0466")');
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
  await page.click('text=不寄了');
  await page.waitForSelector('.send-back .main');
  assert.equal(posted('/v1/t/TOKEN/return/cancel').length, 1);
  await page.context().close();
});

test('follows it, in English too, and offers nothing that cannot be', async () => {
  mock.state.tracked = { ...received(), can: [], return: dropped() };
  const page = await b.visit('/t/TOKEN', PHONE);
  await page.waitForSelector('.send-back:has-text("等待快递员揽收")');
  assert.match(await page.textContent('.send-back'), /L001 · 格口 9/);
  await page.click('text=English');
  await page.waitForSelector('.send-back:has-text("a courier will pick it up")');
  assert.equal(await page.locator('.send-back button').count(), 0);
  await page.context().close();
  mock.state.tracked = tracked();
  const other = await b.visit('/t/TOKEN', PHONE);
  await other.waitForSelector('.code');
  assert.equal(await other.locator('.send-back').count(), 0);
  await other.context().close();
});

test('the courier opens the compartment and scans it out', async () => {
  mock.state.route.pickups = [pickup('P1', 91), pickup('P9', 92)];
  const page = await b.visit('/courier', PHONE);
  await page.waitForSelector('.stop >> text=待揽收 1');
  assert.match(await page.textContent('.parcel.pick'), /YZ00000092/, 'what lies at no stop of his stands in the list');
  await page.click('.stop >> nth=0');
  await page.waitForSelector('.parcel.pick:has-text("YZ00000091")');
  assert.equal(await page.locator('.parcel.pick').count(), 1);
  mock.state.recall = { ...mock.state.recall, status: 'refused', reason: 'offline' };
  await page.click('text=开柜揽收');
  await page.waitForSelector('.pick:has-text("快递柜离线")');
  mock.state.recall = { ...mock.state.recall, status: 'opened', reason: null };
  await page.click('text=开柜揽收');
  await page.waitForSelector('.pick:has-text("取出后关门")');
  await shot(page, 'courier-pickup');
  const opened = posted('/v1/sendings/01930000-0000-7000-8000-000000000091/open');
  assert.equal(new Set(opened.map((c) => c.key)).size, 2, 'each press is a command of its own');
  await page.click('text=已取出');
  await page.waitForSelector('.parcel.done:has-text("YZ00000091")');
  await until(() => [...mock.state.scans.values()].some((s) => s.kind === 'pickup' && s.waybill === 'YZ00000091'), 'the scan');
  await page.context().close();
});

test('the park sees what waits and whether anybody comes by', async () => {
  mock.state.dropped = [dropped(), { ...dropped(), id: 'x', waybill: 'YZ00000078', visitor: 'C10' }];
  const page = await b.visit('/park', { width: 1440, height: 900 });
  await page.waitForSelector('.drop-offs li >> nth=1');
  assert.match(await page.textContent('.drop-offs li >> nth=0'), /无人顺路/);
  assert.match(await page.textContent('.drop-offs li >> nth=1'), /C10/);
  await page.locator('.drop-offs').scrollIntoViewIfNeeded();
  await shot(page, 'park-drop-offs');
  await page.context().close();
});
