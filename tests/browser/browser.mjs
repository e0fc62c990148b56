// A fresh Chromium and the pages under it, for one test file. Watches what no page may do: ask another host, break the
// content security policy, throw.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { startMock } from './mock.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const web = resolve(here, '../../daemon/web');

export const PHONE = { width: 390, height: 844 };
export const SMALL = { width: 360, height: 640 };
export const BOARD = { width: 1920, height: 1080 };

/** The built pages: YIZHAN_WEB, or built here into a scratch folder. */
function pagesRoot(scratch) {
  if (process.env.YIZHAN_WEB) return process.env.YIZHAN_WEB;
  const root = join(scratch, 'web');
  execFileSync(join(web, 'build'), [root]);
  return root;
}

export async function open({ args = [] } = {}) {
  const scratch = mkdtempSync(join(tmpdir(), 'yizhan-browser-'));
  const root = pagesRoot(scratch);
  const mock = await startMock(root);
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync),
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', ...args],
  });
  const faults = [];

  /** A page in a profile of its own, without the service worker unless options ask for it. faults gathers what it must not do. */
  async function visit(path, viewport = PHONE, options = {}) {
    const context = await browser.newContext({ viewport, locale: 'zh-CN', hasTouch: viewport !== BOARD, serviceWorkers: 'block', ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(20000);
    context.on('request', (r) => { if (!r.url().startsWith(mock.url) && !/^(data|blob):/.test(r.url())) faults.push(`request to ${r.url()}`); });
    page.on('pageerror', (e) => faults.push(`thrown: ${e.message}`));
    page.on('console', (m) => { if (/Content Security Policy/.test(m.text())) faults.push(m.text()); });
    await page.addInitScript(() => addEventListener('securitypolicyviolation', (e) => console.error('Content Security Policy', e.violatedDirective, e.blockedURI)));
    await page.goto(mock.url + path);
    return page;
  }

  async function close() {
    await browser.close();
    mock.close();
    rmSync(scratch, { recursive: true, force: true });
  }
  return { mock, root, visit, faults, close };
}

/** Keeps a picture where SHOTS names a folder. */
export async function shot(page, name) {
  if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, `${name}.png`) });
}

/** Waits until probe() gives something true. */
export async function until(probe, what, ms = 15000) {
  for (const end = Date.now() + ms; Date.now() < end;) {
    const v = await probe();
    if (v) return v;
    await new Promise((r) => setTimeout(r, 40));
  }
  throw new Error(`not within ${ms} ms: ${what}`);
}
