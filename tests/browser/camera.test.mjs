// The camera reads a label with the reader from our own files: a real barcode in a made-up video.
import test, { after } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, mkdtempSync, writeFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open, shot } from './browser.mjs';

const WIDTH = 640, HEIGHT = 480;

/** One grey frame with a Code 128 label in the middle, as YUV4MPEG2. */
async function video(text) {
  const dist = new URL('../../daemon/web/node_modules/zxing-wasm/dist/', import.meta.url);
  const { writeBarcode, prepareZXingModule } = await import(new URL('es/writer/index.js', dist));
  prepareZXingModule({ overrides: { wasmBinary: readFileSync(new URL('writer/zxing_writer.wasm', dist)) } });
  const { symbol, error } = await writeBarcode(text, { format: 'Code128', addQuietZones: true });
  assert.ok(symbol, error);
  const scale = Math.floor((WIDTH - 60) / symbol.width), left = (WIDTH - symbol.width * scale) >> 1;
  const y = Buffer.alloc(WIDTH * HEIGHT, 235), uv = Buffer.alloc((WIDTH * HEIGHT) / 2, 128);
  for (let row = 160; row < 320; row++) {
    for (let i = 0; i < symbol.width * scale; i++) y[row * WIDTH + left + i] = symbol.data[Math.floor(i / scale)] ? 235 : 16;
  }
  return Buffer.concat([Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420\n`), ...Array(3).fill([Buffer.from('FRAME\n'), y, uv]).flat()]);
}

const folder = mkdtempSync(join(tmpdir(), 'yizhan-video-'));
const file = join(folder, 'label.y4m');
writeFileSync(file, await video('YZ00000021'));
const b = await open({ args: ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', `--use-file-for-fake-video-capture=${file}`] });
after(async () => { await b.close(); rmSync(folder, { recursive: true }); });

test('a Code 128 before the camera opens its stop', async () => {
  const page = await b.visit('/courier');
  await page.waitForSelector('.stop');
  await page.click('.camera');
  await page.waitForSelector('.bar:has-text("运河佳园")', { timeout: 60000 });
  await shot(page, 'camera-390');
  await page.context().close();
});

test('no page asked another host, broke the policy or threw', () => assert.deepEqual(b.faults, []));
