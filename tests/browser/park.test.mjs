// The park board: live, and what the manager can do from it.
import test, { after, beforeEach } from 'node:test';
import assert from 'node:assert/strict';
import { parkSummary } from './mock.mjs';
import { open, shot, until, BOARD } from './browser.mjs';

const b = await open();
const { mock } = b;
after(b.close);
beforeEach(() => Object.assign(mock.state, { waves: [], calls: [] }));
const board = async (viewport = BOARD) => {
  const page = await b.visit('/park', viewport);
  await page.waitForSelector('.tiles');
  await page.waitForSelector('.door');
  return page;
};

/** Figures that are wider than their tile. */
const cut = (page) => page.locator('.tile b').evaluateAll((all) => all.filter((e) => e.scrollWidth > e.clientWidth).map((e) => `${e.textContent}: ${e.scrollWidth} > ${e.clientWidth}`));

test('the board at a glance, on the wall and on a laptop', async () => {
  const page = await board();
  assert.match(await page.textContent('.tiles'), /近一小时到件420/);
  assert.equal(await page.locator('.bands button').count(), 5);
  assert.equal(await page.locator('.lockers li').count(), 8);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
  assert.deepEqual(await cut(page), [], 'on the wall');
  await shot(page, 'park-1920');
  await page.setViewportSize({ width: 1366, height: 768 });
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
  assert.deepEqual(await cut(page), [], 'on a laptop');
  await shot(page, 'park-1366');
  await page.click('text=English');
  await page.waitForSelector('text=Park board');
  assert.deepEqual(await cut(page), [], 'in English');
  await page.context().close();
});

test('live: a pushed summary shows, a lost stream comes back by itself', async () => {
  const page = await board();
  await page.waitForSelector('.dot.on:has-text("实时")');
  mock.push('summary', parkSummary(5));
  await until(async () => /425/.test(await page.textContent('.tiles')), 'the new count');
  mock.dropStreams();
  await page.waitForSelector('.dot.off:has-text("重连中")');
  await page.waitForSelector('.park > .bar .dot.on');
  mock.push('summary', parkSummary(9));
  await until(async () => /429/.test(await page.textContent('.tiles')), 'live again');
  await page.context().close();
});

test('a band shows its parcels with the reason why', async () => {
  const page = await board();
  await page.click('.bands button >> nth=2');
  await page.waitForSelector('[role=dialog] td:has-text("YZ00000099")');
  assert.match(await page.textContent('[role=dialog]'), /班次时间不足/);
  await page.press('[role=dialog]', 'Escape');
  assert.equal(await page.locator('[role=dialog]').count(), 0);
  await page.context().close();
});

test('a wave is planned, explained, drawn and published', async () => {
  const page = await board();
  await page.click('text=规划波次');
  await page.waitForSelector('.tag.planning');
  await page.waitForSelector('.tag.planned');
  const post = mock.state.calls.find((c) => c.method === 'POST');
  assert.ok(post.key, 'it has an idempotency key');
  await page.click('.waves .warn');
  await page.waitForSelector('[role=dialog] td:has-text("柜满")');
  await shot(page, 'unassigned-1920');
  await page.click('[role=dialog] >> text=关闭');
  await page.click('.waves >> text=路线图');
  await page.waitForSelector('[role=dialog] .map polyline >> nth=1', { state: 'attached' });
  await shot(page, 'routes-1920');
  await page.click('[role=dialog] >> text=关闭');
  await page.click('text=发布给快递员');
  await page.waitForSelector('.tag.published');
  await page.context().close();
});

test('a compartment is opened only with a reason and a confirmation', async () => {
  const page = await board();
  await page.click('[aria-label^="L001 3 "]');
  await page.click('[role=dialog] >> text="开门"');
  await page.click('[role=dialog] form .main');
  assert.equal(mock.state.calls.some((c) => c.path.includes('/compartments/')), false, 'no reason, no door');
  await page.fill('[name=reason]', '超期件取回');
  await shot(page, 'door-1920');
  await page.click('[role=dialog] form .main');
  await page.waitForSelector('[role=status]:has-text("已开门")');
  const done = mock.state.calls.find((c) => c.path.includes('/compartments/'));
  assert.deepEqual([done.path, done.body], ['/v1/lockers/L001/compartments/3/open', { reason: '超期件取回' }]);
  await page.context().close();
});

test('what falls behind is counted at the top, and leads to where one acts', async () => {
  const page = await board();
  const said = (await page.locator('.need').allInnerTexts()).map((x) => x.replace(/\s+/g, ' ').trim());
  assert.deepEqual(said, ['离线柜 1', '截单在即 180', '快递员落后 2', '积压过久 11', '故障格口 8', '超期未取 8']);
  assert.match(await page.textContent('.stack tr.behind:has-text("任城园区")'), /42012\.7 h40012/);
  await page.click('.need:has-text("快递员落后")');
  assert.match(await page.innerText('[role=dialog] li >> nth=0'), /C20[^]*120 分钟/);
  await page.press('[role=dialog]', 'Escape');
  await page.click('.need:has-text("离线柜")');
  await page.click('[role=dialog] li:has-text("L004") button');
  assert.equal(await until(() => page.evaluate(() => document.activeElement.id), 'the locker has the focus'), 'locker-L004');
  await page.click('.need:has-text("故障格口")');
  await page.click('[role=dialog] li:has-text("L002 / 6") button');
  await page.click('[role=dialog] >> text=恢复');
  await page.fill('[name=reason]', '锁已更换');
  await page.click('[role=dialog] form .main');
  await until(() => mock.state.calls.some((c) => c.path === '/v1/lockers/L002/compartments/6/in_service'), 'it is back in service');
  await page.click('.need:has-text("积压过久")');
  await page.click('[role=dialog] li >> nth=0 >> text=查看');
  await page.waitForSelector('[role=dialog] td:has-text("YZ00000099")');
  await page.context().close();
});

test('a quiet park says so', async () => {
  const { lockers, couriers } = mock.state;
  Object.assign(mock.state, { lockers: [], couriers: [], quiet: true });
  const page = await b.visit('/park', BOARD);
  await page.waitForSelector('.fine:has-text("一切正常")');
  assert.equal(await page.locator('.lockers .hint, .couriers .hint').count(), 2);
  await page.context().close();
  Object.assign(mock.state, { lockers, couriers, quiet: false });
});

test('no page asked another host, broke the policy or threw', () => assert.deepEqual(b.faults, []));
