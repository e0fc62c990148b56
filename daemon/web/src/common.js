// What the pages share: words, requests, ids.
import { html, render, useState, useEffect, useRef, useCallback } from './vendor.js';
import { words } from './words.js';

export { html, render, useState, useEffect, useRef, useCallback };

let lang = localStorage.getItem('lang') || 'zh';
export const language = () => lang;
export const t = (key) => (words[key] ? words[key][lang === 'zh' ? 0 : 1] : key);
export const either = (pair) => (pair ? (lang === 'zh' ? pair.zh : pair.en) || pair.zh : '');
export function switchLanguage() {
  lang = lang === 'zh' ? 'en' : 'zh';
  localStorage.setItem('lang', lang);
  document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en';
  dispatchEvent(new Event('language'));
}
document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en';

/** Day or night: the device says, until somebody here says otherwise. */
const night = matchMedia('(prefers-color-scheme: dark)');
const dark = () => (document.documentElement.dataset.theme ? document.documentElement.dataset.theme === 'dark' : night.matches);
const dress = (theme) => { if (theme) document.documentElement.dataset.theme = theme; };
dress(localStorage.getItem('theme'));
export function ThemeButton() {
  const [on, set] = useState(dark());
  const flip = () => { const theme = dark() ? 'light' : 'dark'; localStorage.setItem('theme', theme); dress(theme); set(theme === 'dark'); };
  return html`<button class="plain" onClick=${flip}>${t(on ? 'day' : 'night')}</button>`;
}

/** Draws again when the language changes. */
export function useLanguage() {
  const [, set] = useState(0);
  useEffect(() => {
    const again = () => set((n) => n + 1);
    addEventListener('language', again);
    return () => removeEventListener('language', again);
  }, []);
}

export const LanguageButton = () => html`<button class="plain" onClick=${switchLanguage}>${t('other_lang')}</button>`;

/** A dialog from the bottom edge: Escape closes it, focus goes in and comes back. */
export function Sheet({ title, wide, onClose, children }) {
  const card = useRef();
  useEffect(() => {
    const before = document.activeElement;
    card.current.focus();
    return () => before?.focus?.();
  }, []);
  const key = (e) => { if (e.key === 'Escape') { e.stopPropagation(); onClose(); } };
  return html`<div class="sheet" onKeyDown=${key}><div class=${'card' + (wide ? ' wide' : '')} ref=${card} tabindex="-1" role="dialog" aria-modal="true" aria-label=${title}><h2>${title}</h2>${children}</div></div>`;
}

/** A UUID of version 7 (RFC 9562), so that a repeat of a scan is known by its id. */
export function uuid7(ms = Date.now()) {
  const b = crypto.getRandomValues(new Uint8Array(16));
  for (let i = 5, v = ms; i >= 0; i--, v = Math.floor(v / 256)) b[i] = v % 256;
  b[6] = 0x70 | (b[6] & 15);
  b[8] = 0x80 | (b[8] & 63);
  const h = [...b].map((x) => x.toString(16).padStart(2, '0')).join('');
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-${h.slice(12, 16)}-${h.slice(16, 20)}-${h.slice(20)}`;
}

/** A problem (RFC 9457) as the server told it; status 0: it was not reached. */
export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || String(status));
    this.status = status;
    this.type = (body.type || '').replace('urn:yizhan:problem:', '');
    this.body = body;
  }
}

export async function call(method, path, body, key) {
  const headers = { Accept: 'application/json' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (key) headers['Idempotency-Key'] = key;
  let r;
  try {
    r = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), credentials: 'same-origin' });
  } catch {
    throw new Problem(0, { detail: t('offline') });
  }
  const data = r.status === 204 ? null : await r.json().catch(() => ({}));
  if (!r.ok) {
    if (r.status === 401 && location.pathname !== '/') location.href = '/';
    throw new Problem(r.status, data || {});
  }
  return data;
}

export const time = (iso) => (iso ? new Date(iso).toLocaleTimeString(lang === 'zh' ? 'zh-CN' : 'en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'Asia/Shanghai' }) : '');
export const dateTime = (iso) => (iso ? new Date(iso).toLocaleString(lang === 'zh' ? 'zh-CN' : 'en-GB', { month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', timeZone: 'Asia/Shanghai' }) : '');

export async function logout() {
  await call('DELETE', '/v1/sessions/current').catch(() => {});
  ['me', 'route', 'local', 'grants'].forEach((k) => localStorage.removeItem(k));
  location.href = '/';
}
