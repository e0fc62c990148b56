// The courier's own sheet: shift, sun, language, log-out; and where he is while the shift lasts.
import { html, useState, useEffect, call, t, LanguageButton, logout, Sheet, ThemeButton } from './common.js';
import { businessNow } from './queue.js';

const SEND_MS = 60 * 1000, FIX_MS = 20 * 1000, POINTS_MAX = 200;
const onShift = () => localStorage.getItem('shift') === 'start';
const points = () => JSON.parse(localStorage.getItem('points') || '[]');
const keep = (list) => localStorage.setItem('points', JSON.stringify(list.slice(-POINTS_MAX)));

/** Positions go to the server once a minute while he is on shift; without a signal the last ones wait. */
function watchPosition() {
  let last = 0;
  const watch = navigator.geolocation.watchPosition(({ coords }) => {
    if (Date.now() - last < FIX_MS) return;
    last = Date.now();
    keep([...points(), { at: businessNow(), lat: coords.latitude, lon: coords.longitude, acc_m: Math.round(coords.accuracy) }]);
  }, () => {}, { enableHighAccuracy: true, maximumAge: FIX_MS });
  const timer = setInterval(async () => {
    const sent = points();
    if (!sent.length) return;
    try { await call('POST', '/v1/courier/positions', { points: sent }); keep(points().slice(sent.length)); } catch { /* they wait */ }
  }, SEND_MS);
  return () => { navigator.geolocation.clearWatch(watch); clearInterval(timer); };
}

export function OwnSheet({ name, sun, onSun }) {
  const [open, setOpen] = useState(false);
  const [shift, setShift] = useState(onShift());
  const [problem, setProblem] = useState('');
  useEffect(() => (shift && navigator.geolocation ? watchPosition() : undefined), [shift]);
  async function turn() {
    const action = shift ? 'end' : 'start';
    try {
      await call('POST', '/v1/courier/shift', { action, at: businessNow() });
      localStorage.setItem('shift', action);
      setShift(!shift);
      setProblem('');
    } catch (e) { setProblem(e.message); }
  }
  return html`<button class="own" aria-haspopup="dialog" aria-label=${t('menu')} onClick=${() => setOpen(true)}>☰ <b>${name}</b></button>
    ${open && html`<${Sheet} title=${name} onClose=${() => setOpen(false)}>
      <button class=${shift ? '' : 'main'} onClick=${turn}>${t(shift ? 'shift_end' : 'shift_start')}</button><p class="problem" role="alert">${problem}</p>
      <button aria-pressed=${sun} onClick=${() => onSun(!sun)}>${t('sun')}</button><${ThemeButton} /><${LanguageButton} />
      <button class="warn" onClick=${logout}>${t('logout')}</button><button onClick=${() => setOpen(false)}>${t('close')}</button><//>`}`;
}
