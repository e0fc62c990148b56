// The map: streets from the daemon's tiles where there are some, a grid where not; moved by finger, mouse, wheel and keys.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { open, shot, until, PHONE } from './browser.mjs';

let site;
before(async () => { site = await open(); });
after(async () => { assert.deepEqual(site.faults, []); await site.close(); });

// A vector tile written by hand: one layer "roads" with a street across at each eighth.
const varint = (v) => { const out = []; for (; v > 127; v = Math.floor(v / 128)) out.push((v % 128) | 128); return [...out, v]; };
const bytes = (field, content) => [...varint((field << 3) | 2), ...varint(content.length), ...content];
const text = (field, s) => bytes(field, [...new TextEncoder().encode(s)]);
const zigzag = (v) => (v << 1) ^ (v >> 31);
const line = Array.from({ length: 8 }, (_, i) => [9, zigzag(i ? -4096 : 0), zigzag(i ? 512 : 256), 10, zigzag(4096), zigzag(0)]).flat().flatMap(varint); // MoveTo, LineTo +4096,0
const feature = [...bytes(2, [0, 0, 1, 1]), 0x18, 2, ...bytes(4, line)];
const tile = Buffer.from(bytes(3, [...text(1, 'roads'), ...bytes(2, feature), ...text(3, 'class'), ...text(3, 'name'), ...bytes(4, text(1, 'primary')), ...bytes(4, text(1, '人民路')), 0x28, ...varint(4096), 0x78, 2]));

async function withMap(page, asked) {
  await page.route('**/tiles', (r) => r.fulfill({ json: { tilejson: '3.0.0', attribution: '© OpenStreetMap contributors' } }));
  await page.route('**/tiles/*/*/*', (r) => { asked.push(new URL(r.request().url()).pathname); r.fulfill({ body: tile, contentType: 'application/vnd.mapbox-vector-tile' }); });
  await page.route('**/route/v1/**', (r) => r.fulfill({ json: { code: 'Ok', routes: [{ geometry: '_aawEwtrfU?_q@_q@?' }] } }));
}
async function courierMap(prepare) {
  const page = await site.visit('/courier', PHONE);
  await prepare?.(page);
  await page.reload();
  await page.getByText('路线图', { exact: true }).click();
  await page.waitForSelector('.map circle');
  return page;
}
const colours = (page) => page.locator('.map canvas').evaluate((c) => { const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data, seen = new Set(); for (let i = 0; i < d.length; i += 4) seen.add(d[i] * 65536 + d[i + 1] * 256 + d[i + 2]); return seen.size; });
const first = (page) => page.locator('.map circle').first().evaluate((c) => [Number(c.getAttribute('cx')), Number(c.getAttribute('cy'))]);

test('without a map there is a grid to scale, and nobody is credited', async () => {
  const page = await courierMap();
  await until(() => colours(page).then((n) => n >= 2), 'the grid');
  assert.match(await page.locator('.map-scale').innerText(), /^\d+ (米|公里)$/);
  assert.equal(await page.getByText('OpenStreetMap').count(), 0);
  await page.context().close();
});

test('with a map streets are drawn, the line follows them, and OpenStreetMap is credited', async () => {
  const asked = [], page = await courierMap((p) => withMap(p, asked));
  await page.getByText('© OpenStreetMap contributors').waitFor();
  await until(() => colours(page).then((n) => n >= 3), 'the street');
  assert.ok(asked.length > 0 && asked.length <= 12, `${asked.length} tiles`);
  await until(() => page.locator('.map polyline').getAttribute('points').then((p) => p.trim().split(' ').length === 3), 'the way along the streets');
  await shot(page, 'map-streets-390');
  await page.context().close();
});

test('it moves by drag, wheel, pinch and keys, and a drag is no tap', async () => {
  const page = await courierMap(), map = page.locator('.map'), box = await map.boundingBox(), [cx, cy] = [box.x + box.width / 2, box.y + box.height / 2];
  const start = await first(page), scale = await page.locator('.map-scale').innerText();
  const [px, py] = [box.x + start[0], box.y + start[1]]; // on a stop
  await page.mouse.move(px, py);
  await page.mouse.down();
  await page.mouse.move(px + 20, py + 12, { steps: 3 });
  await page.mouse.move(px + 40, py + 25, { steps: 3 });
  await page.mouse.up();
  const dragged = await first(page);
  assert.ok(Math.abs(dragged[0] - start[0] - 40) < 1.5 && Math.abs(dragged[1] - start[1] - 25) < 1.5, `${start} → ${dragged}`);
  assert.ok(await map.isVisible(), 'still on the map');
  await page.mouse.move(cx, cy);
  await page.mouse.wheel(0, -480);
  await until(async () => (await page.locator('.map-scale').innerText()) !== scale, 'nearer by the wheel');
  await map.focus();
  const before = await first(page);
  await page.keyboard.press('ArrowLeft');
  await until(async () => Math.abs((await first(page))[0] - before[0] - 80) < 1.5, 'the arrow key');
  await page.getByLabel('显示全部').click();
  await until(async () => { const f = await first(page); return Math.hypot(f[0] - start[0], f[1] - start[1]) < 1.5; }, 'all in sight again');
  const cdp = await page.context().newCDPSession(page), touch = (type, d) => cdp.send('Input.dispatchTouchEvent', { type, touchPoints: d ? [{ x: cx - d, y: cy, id: 1 }, { x: cx + d, y: cy, id: 2 }] : [] });
  await touch('touchStart', 25);
  for (let d = 30; d <= 100; d += 10) await touch('touchMove', d);
  await touch('touchEnd');
  await until(async () => { const f = await first(page); return Math.abs(Math.hypot(f[0] - box.width / 2, f[1] - box.height / 2) / Math.hypot(start[0] - box.width / 2, start[1] - box.height / 2) - 4) < 0.4; }, 'four times nearer by two fingers');
  await page.context().close();
});
