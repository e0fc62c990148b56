// What every page owes everybody: names for what can be pressed, contrast, rest for who asks for it.
import test, { after } from 'node:test';
import assert from 'node:assert/strict';
import { open, BOARD, PHONE } from './browser.mjs';

const b = await open();
after(b.close);

/** In the page: what can be pressed without a name, and texts under 4.5:1 (3:1 when large), WCAG 2.2 AA. */
function audit() {
  const rgb = (s) => { const m = s.match(/[\d.]+/g).map(Number); return m.length > 3 && m[3] === 0 ? null : m; };
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (e) => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c) return c; } return [255, 255, 255]; };
  const unnamed = [...document.querySelectorAll('button, a, input')].filter((e) => !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length)).map((e) => e.outerHTML.slice(0, 120));
  const faint = [];
  for (const e of document.querySelectorAll('#app *')) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !e.getClientRects().length || e.closest('svg') || e.closest(':disabled')) continue;
    const s = getComputedStyle(e), [hi, lo] = [light(rgb(s.color)), light(ground(e))].sort((x, y) => y - x);
    const large = parseFloat(s.fontSize) >= 24 || (parseFloat(s.fontSize) >= 18.66 && s.fontWeight >= 700);
    const ratio = (hi + 0.05) / (lo + 0.05);
    if (ratio < (large ? 3 : 4.5)) faint.push(`${ratio.toFixed(2)} ${e.tagName}.${e.className} ${e.textContent.trim().slice(0, 20)}`);
  }
  // what a thumb must hit; a wall's board is worked with a mouse
  const least = matchMedia('(any-pointer: coarse), (max-width: 760px)').matches ? 48 : 40;
  const tight = [...document.querySelectorAll('button, a, input:not([type=radio]), label:has(input[type=radio])')].map((e) => [e, e.getBoundingClientRect()])
    .filter(([e, r]) => r.width && Math.min(r.width, r.height) < (e.matches('.door') ? least : 48) - 0.5).map(([e, r]) => `${Math.round(r.width)}x${Math.round(r.height)} ${e.tagName}.${e.className} ${e.textContent.trim().slice(0, 20)}`);
  return { unnamed, faint, tight };
}

for (const [path, ready, viewport] of [['/', 'form', PHONE], ['/courier', '.stop', PHONE], ['/t/TOKEN', '.code', PHONE], ['/park', '.door', BOARD], ['/park', '.door', PHONE]]) {
  test(`${path}, ${viewport.width} wide: names, contrast, room for a thumb, language, a title`, async () => {
    const page = await b.visit(path, viewport, { colorScheme: 'light' });
    await page.waitForSelector(ready);
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      assert.deepEqual(await page.evaluate(audit), { unnamed: [], faint: [], tight: [] }, colorScheme);
    }
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, 'nothing is wider than the screen');
    if (path === '/courier') {
      await page.click('.own');
      await page.click('text=强光');
      await page.press('[role=dialog]', 'Escape');
      assert.deepEqual((await page.evaluate(audit)).faint, [], 'in sun');
    }
    assert.equal(await page.getAttribute('html', 'lang'), 'zh-CN');
    assert.ok(await page.title());
    await page.context().close();
  });
}

test('nothing moves for who asks for rest', async () => {
  const page = await b.visit('/park', BOARD, { reducedMotion: 'reduce' });
  await page.waitForSelector('.meter i');
  assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
  assert.equal(await page.locator('.meter i').first().evaluate((e) => getComputedStyle(e).transitionDuration), '0s');
  await page.context().close();
});

test('a dialog takes the focus, and Escape gives it back', async () => {
  const page = await b.visit('/park', BOARD);
  await page.waitForSelector('.door');
  await page.focus('[aria-label^="L001 3 "]');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[role=dialog]');
  assert.equal(await page.evaluate(() => !!document.activeElement.closest('[role=dialog]')), true);
  await page.keyboard.press('Escape');
  assert.match(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), /^L001 3 /);
  await page.context().close();
});
