// Both languages have every word, and the pages use only words there are.
import test from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const src = fileURLToPath(new URL('../../daemon/web/src', import.meta.url));
const { words } = await import(join(src, 'words.js'));
const sources = readdirSync(src).filter((f) => f.endsWith('.js') && f !== 'words.js').map((f) => [f, readFileSync(join(src, f), 'utf8')]);

test('every word stands in Chinese and English', () => {
  for (const [key, pair] of Object.entries(words)) {
    assert.equal(pair.length, 2, key);
    assert.ok(pair[0].trim() && pair[1].trim(), key);
    assert.doesNotMatch(pair[key === 'other_lang' ? 0 : 1], /[\u4e00-\u9fff]/, `${key} in English`);
  }
});

test('every word asked for exists', () => {
  for (const [file, text] of sources) {
    for (const [, key] of text.matchAll(/\bt\('([a-z0-9_]+)'\)/g)) assert.ok(words[key], `${file}: ${key}`);
    for (const [, prefix] of text.matchAll(/\bt\('([a-z]+_)' \+/g)) assert.ok(Object.keys(words).some((k) => k.startsWith(prefix)), `${file}: ${prefix}…`);
  }
});

test('reasons, kinds and states that are shown have their words', () => {
  const courier = sources.find(([f]) => f === 'courier.js')[1];
  for (const r of courier.match(/const reasons = \[([^\]]*)\]/)[1].match(/\w+/g)) assert.ok(words['r_' + r], r);
  for (const [, kind] of courier.matchAll(/\b(?:put|act)\('(\w+)'/g)) assert.ok(words['k_' + kind], kind);
});

test('no page has Chinese of its own', () => {
  for (const [file, text] of sources) {
    const code = text.replace(/'中文'|驿站/g, '');
    assert.doesNotMatch(code, /[\u4e00-\u9fff]/, file);
  }
});
