// A resident at the locker's screen: by touch, by keyboard, in both languages, and with the locker cut off. And a courier who has
// just put something in.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { Town } from '../integration/town.mjs';

const town = new Town(process.env.FOLDER);
const [locker] = town.city.lockers;
const shots = process.env.SHOTS;
const faults = [];
let browser, page, courier, shop, waybills;
const codes = [];

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
async function until(condition, what, ms = 15000) {
  for (const end = Date.now() + ms; Date.now() < end; await pause(100)) if (await condition().catch(() => false)) return;
  assert.fail(`${what}: not within ${ms} ms`);
}
const shot = (name) => (shots ? page.screenshot({ path: `${shots}/kiosk-${name}.png` }) : null);
const text = (id) => page.textContent(`#${id}`);
const state = async (w) => (await shop.get(`/v1/parcels/${w}`)).body.state;

before(async () => {
  ({ courier, shop, waybills } = await town.bring(locker, 4, 1));
  for (const w of waybills.slice(0, 3)) await town.deposit(courier, locker, w);
  for (const w of waybills.slice(0, 3)) {
    await until(async () => town.notices(w, 'in_locker').length === 1, `the notice of ${w}`, 30000);
    codes.push(town.notices(w, 'in_locker')[0].text.zh.match(/\b\d{8}\b/)[0]);
  }
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
  const base = `http://127.0.0.1:${town.rig.kiosks[locker.code]}`;
  page = await (await browser.newContext({ viewport: { width: 800, height: 1280 }, hasTouch: true })).newPage();
  page.on('pageerror', (e) => faults.push(e.message));
  page.on('console', (m) => { if (/Content Security Policy|Refused to/.test(m.text())) faults.push(m.text()); });
  page.on('request', (r) => { const u = new URL(r.url()); if (!['data:', 'blob:'].includes(u.protocol) && u.origin !== base) faults.push(`asks ${u.origin}`); });
  await page.goto(base);
});
after(() => browser?.close());

async function touch(code) {
  for (const d of code) await page.tap(`#pad button:text-is("${d}")`);
}

test('a number pad of big keys, in Chinese first', async () => {
  assert.match(await text('digits'), /^$/);
  assert.match(await page.textContent('.hint'), /请输入8位取件码/);
  for (const box of await Promise.all((await page.locator('#pad button').all()).map((b) => b.boundingBox())))
    assert.ok(box.width >= 80 && box.height >= 64, `a key of ${box.width} × ${box.height}`);
  await until(async () => (await text('online')) === '在线', 'online');
  await shot('home');
});

test('a wrong code opens nothing and says so', async () => {
  const wrong = String((Number(codes[0]) + 1) % 1e8).padStart(8, '0');
  await touch(codes.includes(wrong) ? '00000000' : wrong);
  await page.tap('#ok');
  await until(async () => (await text('message')) === '取件码不正确，请核对后再输', 'the reason');
  assert.equal(await page.isVisible('#opened'), false);
  assert.equal(await text('digits'), '');
});

test('too few digits are not sent, clear and delete work', async () => {
  await touch('1234');
  await page.tap('#back');
  assert.equal(await text('digits'), '123');
  await page.tap('#clear');
  assert.equal(await text('digits'), '');
  await touch('12');
  await page.tap('#ok');
  assert.equal(await text('message'), '无法识别，请重试');
});

test('the right code by touch: the door opens, closes, and the parcel is signed', async () => {
  await touch(codes[0]);
  await page.tap('#ok');
  await page.waitForSelector('#opened:not([hidden])');
  const { compartment } = town.notices(waybills[0], 'in_locker')[0];
  if (compartment) assert.equal(await text('number'), String(compartment));
  await until(async () => (await text('door')) === '门已打开，取放后请关好门', 'open');
  await shot('open');
  await until(async () => (await text('door')) === '门已关好，谢谢', 'closed');
  await page.tap('#done');
  await until(async () => (await state(waybills[0])) === 'signed', 'signed');
});

test('a code is good for once', async () => {
  await touch(codes[0]);
  await page.tap('#ok');
  await until(async () => (await text('message')) === '取件码不正确，请核对后再输', 'the reason');
});

test('in English by keyboard; whoever opens may still refuse', async () => {
  await page.tap('#lang');
  assert.match(await page.textContent('.hint'), /Enter your 8-digit code/);
  await page.keyboard.type(codes[1], { delay: 120 });
  await page.keyboard.press('Enter');
  await page.waitForSelector('#opened:not([hidden])');
  await page.waitForSelector('#actions button[data-what=refused]:visible');
  await page.click('#actions button[data-what=refused]');
  await until(async () => (await text('said')) === 'Noted. We will see to it.', 'noted');
  await shot('refused');
  await until(async () => (await text('door')) === 'The door is closed. Thank you.', 'closed');
  await page.click('#done');
  await page.click('#lang');
});

test('with its network down: said, and the code still opens', async () => {
  process.kill(Number(process.env.BROKER_PID), 'SIGSTOP');
  try {
    await touch(codes[2]);
    await page.tap('#ok');
    await page.waitForSelector('#opened:not([hidden])');
    await until(async () => (await text('door')) === '门已打开，取放后请关好门', 'open');
    await until(async () => (await text('door')) === '门已关好，谢谢', 'closed');
    await page.tap('#done');
  } finally {
    process.kill(Number(process.env.BROKER_PID), 'SIGCONT');
  }
  await until(async () => (await state(waybills[2])) === 'signed', 'signed once the network is back', 60000);
});

test('nothing foreign was asked for, nothing was refused, nothing broke', () => assert.deepEqual(faults, []));
