// A signature with the finger: a canvas, given back as PNG in base64.
import { html, useRef, useEffect, t } from './common.js';

export function Signature({ onDone, onCancel }) {
  const canvas = useRef();
  const drawn = useRef(false);
  useEffect(() => {
    const c = canvas.current, g = c.getContext('2d');
    c.width = c.clientWidth; c.height = c.clientHeight;
    const clear = () => { g.fillStyle = '#fff'; g.fillRect(0, 0, c.width, c.height); drawn.current = false; };
    clear();
    c.clear = clear;
    g.lineWidth = 4; g.lineCap = 'round'; g.strokeStyle = '#000';
    let down = false;
    c.onpointerdown = (e) => { down = true; g.beginPath(); g.moveTo(e.offsetX, e.offsetY); c.setPointerCapture(e.pointerId); };
    c.onpointermove = (e) => { if (down) { g.lineTo(e.offsetX, e.offsetY); g.stroke(); drawn.current = true; } };
    c.onpointerup = () => { down = false; };
  }, []);
  const done = () => { if (drawn.current) onDone(canvas.current.toDataURL('image/png').split(',')[1]); };
  return html`<div class="signature">
    <canvas ref=${canvas} aria-label=${t('signature')}></canvas>
    <div class="row"><button onClick=${() => canvas.current.clear()}>${t('clear')}</button><button onClick=${onCancel}>${t('cancel')}</button><button class="main" onClick=${done}>${t('ok')}</button></div>
  </div>`;
}
