// The resident: no account, the link is the key; nothing unmasked.
import test, { after, beforeEach } from 'node:test';
import assert from 'node:assert/strict';
import { tracked } from './mock.mjs';
import { open, shot, until, PHONE, SMALL } from './browser.mjs';

const b = await open();
const { mock } = b;
after(b.close);
beforeEach(() => Object.assign(mock.state, { tracked: tracked(), calls: [] }));
const said = (page, text) => until(async () => (await page.textContent('.said')).includes(text), text);
const last = (what) => mock.state.calls.filter((c) => c.path.endsWith('/' + what)).pop().body;

test('code, compartment, deadline and phone at one look', async () => {
  const page = await b.visit('/t/TOKEN', SMALL);
  await page.waitForSelector('.code:has-text("4820 5917")');
  assert.ok(await page.locator('.code').evaluate((e) => parseFloat(getComputedStyle(e).fontSize)) >= 48);
  assert.match(await page.textContent('.huge'), /7$/);
  assert.match(await page.textContent('.pickup'), /11\/12 09:00/); // Asia/Shanghai
  assert.equal(await page.getAttribute('.pickup a', 'href'), 'tel:0537-5550000');
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
  assert.doesNotMatch(await page.textContent('body'), /1[3-9]\d{9}/, 'no whole phone number');
  await shot(page, 'resident-360');
  await page.context().close();
});

test('says how he wants it, for this one or always', async () => {
  const page = await b.visit('/t/TOKEN');
  await page.click('.choices >> text=送货上门');
  await said(page, '已保存');
  assert.deepEqual(last('consent'), { how: 'door', scope: 'this' });
  await page.check('label:has-text("以后都这样") input');
  await page.click('.choices >> text=放驿站');
  await until(() => last('consent').how === 'station', 'the second consent');
  assert.deepEqual(last('consent'), { how: 'station', scope: 'always' });
  await page.waitForSelector('.choices .chosen:has-text("放驿站")');
  await page.context().close();
});

test('opens, extends, hands on', async () => {
  const page = await b.visit('/t/TOKEN', PHONE);
  await page.click('text=远程开柜');
  await said(page, '已打开');
  assert.deepEqual(last('open'), { code: '48205917' });
  await page.click('text=延长一天');
  await page.waitForSelector('.pickup:has-text("11/13")');
  await page.click('text=请人代取');
  await said(page, '/t/OTHER');
  await shot(page, 'resident-390');
  await page.context().close();
});

test('refuses only after being asked again', async () => {
  const page = await b.visit('/t/TOKEN');
  await page.click('text=拒收此件');
  await page.click('[role=dialog] >> text=取消');
  assert.equal(mock.state.calls.some((c) => c.path.endsWith('/refuse')), false);
  await page.click('text=拒收此件');
  await shot(page, 'refuse-390');
  await page.click('[role=dialog] .warn');
  await until(() => mock.state.calls.some((c) => c.path.endsWith('/refuse')), 'refused');
  await until(async () => !(await page.isVisible('text=请人代取')), 'no more to do');
  await page.context().close();
});

test('in English, and remembered', async () => {
  const page = await b.visit('/t/TOKEN');
  await page.click('text=English');
  await page.waitForSelector('h1:has-text("In the locker")');
  await page.reload();
  await page.waitForSelector('text=Guanghe Community');
  assert.doesNotMatch((await page.textContent('.choices')) + (await page.textContent('.history')), /[\u4e00-\u9fff]/);
  await shot(page, 'resident-390-en');
  await page.context().close();
});

test('a link that is not valid says so', async () => {
  const page = await b.visit('/t/NOTHING');
  await page.waitForSelector('text=链接无效或已过期');
  await page.context().close();
});

test('no page asked another host, broke the policy or threw', () => assert.deepEqual(b.faults, []));
