// A map that can be moved: the ground on a canvas, what is shown on it as SVG above. By touch (one finger, two), mouse,
// wheel and keys.
import { html, t, useState, useEffect, useRef } from './common.js';
import { TILE, world, describe, drawGround, gridMetres, resolution } from './ground.js';

const NEAR = 18, FAR = 4, EDGE = 34, DRAG_PX = 5;

/** The view that holds all points, not nearer than a street. */
function fitted(points, w, h) {
  const at = points.map(world), xs = at.map((p) => p[0]), ys = at.map((p) => p[1]);
  const x0 = Math.min(...xs), x1 = Math.max(...xs), y0 = Math.min(...ys), y1 = Math.max(...ys);
  const scale = Math.min(Math.max(w - 2 * EDGE, 40) / Math.max(x1 - x0, 1e-9), Math.max(h - 2 * EDGE, 40) / Math.max(y1 - y0, 1e-9));
  return { x: (x0 + x1) / 2, y: (y0 + y1) / 2, z: Math.max(FAR, Math.min(16, Math.log2(scale / TILE))) };
}

const scaleOf = (v) => TILE * 2 ** v.z;
const moved = (v, dx, dy) => ({ ...v, x: v.x - dx / scaleOf(v), y: Math.max(0, Math.min(1, v.y - dy / scaleOf(v))) });
/** Nearer by dz, the place under (px, py) from the middle staying where it is. */
function zoomed(v, dz, px = 0, py = 0) {
  const z = Math.max(FAR, Math.min(NEAR, v.z + dz)), k = 1 / scaleOf(v) - 1 / (TILE * 2 ** z);
  return { z, x: v.x + px * k, y: v.y + py * k };
}

/** Fingers and mouse on `box`: change(f) is given how the view becomes another. */
function listen(box, change) {
  const down = new Map();
  let travelled = 0;
  const middle = () => { const r = box.getBoundingClientRect(); return [r.left + r.width / 2, r.top + r.height / 2]; };
  const on = {
    pointerdown: (e) => { if (!down.size) travelled = 0; if (!e.target.closest('button')) down.set(e.pointerId, [e.clientX, e.clientY]); },
    pointermove: (e) => {
      const before = down.get(e.pointerId);
      if (!before) return;
      const now = [e.clientX, e.clientY], other = [...down].find(([id]) => id !== e.pointerId)?.[1];
      down.set(e.pointerId, now);
      travelled += Math.hypot(now[0] - before[0], now[1] - before[1]);
      if (travelled > DRAG_PX && !box.hasPointerCapture(e.pointerId)) box.setPointerCapture(e.pointerId);
      if (!other) return change((v) => moved(v, now[0] - before[0], now[1] - before[1]));
      const [mx, my] = middle(), gap = (p) => Math.max(8, Math.hypot(p[0] - other[0], p[1] - other[1]));
      change((v) => zoomed(moved(v, (now[0] - before[0]) / 2, (now[1] - before[1]) / 2), Math.log2(gap(now) / gap(before)), (now[0] + other[0]) / 2 - mx, (now[1] + other[1]) / 2 - my));
    },
    pointerup: (e) => down.delete(e.pointerId),
    pointercancel: (e) => down.delete(e.pointerId),
    wheel: (e) => { e.preventDefault(); const [mx, my] = middle(); change((v) => zoomed(v, -Math.max(-1, Math.min(1, e.deltaY / (e.deltaMode ? 3 : 240))), e.clientX - mx, e.clientY - my)); },
    dblclick: (e) => { if (e.target.closest('button')) return; const [mx, my] = middle(); change((v) => zoomed(v, 1, e.clientX - mx, e.clientY - my)); },
    keydown: (e) => {
      const far = 80, keys = { ArrowLeft: [far, 0], ArrowRight: [-far, 0], ArrowUp: [0, far], ArrowDown: [0, -far] }, step = keys[e.key];
      if (e.target !== box || (!step && !'+=-'.includes(e.key))) return;
      e.preventDefault();
      change((v) => (step ? moved(v, ...step) : zoomed(v, e.key === '-' ? -1 : 1)));
    },
  };
  for (const [name, f] of Object.entries(on)) box.addEventListener(name, f, { passive: false });
  // a drag that ends on a point is no tap on it
  box.addEventListener('click', (e) => { if (travelled > DRAG_PX && e.detail) { e.stopPropagation(); e.preventDefault(); } }, true);
}

const metresText = (m) => (m >= 1000 ? `${m / 1000} ${t('km')}` : `${m} ${t('m')}`);

/** points: what must be in sight at first (degrees); draw(at): SVG, where at({lat, lon}) is [x, y]; mapped(yes) is told whether
    there are streets. */
export function GroundMap({ points, draw, className = '', onGround }) {
  const box = useRef(), canvas = useRef();
  const [size, setSize] = useState(null), [view, setView] = useState(null), [ground, setGround] = useState(null), [, arrived] = useState(0);
  useEffect(() => {
    const measure = new ResizeObserver(() => { const r = box.current?.getBoundingClientRect(); if (r?.width) setSize([r.width, r.height]); });
    measure.observe(box.current);
    listen(box.current, (f) => setView((v) => (v ? f(v) : v)));
    describe().then((g) => { setGround(g); onGround?.(!!g); });
    return () => measure.disconnect();
  }, []);
  const fit = () => size && points.length && setView(fitted(points, ...size));
  useEffect(() => { if (!view) fit(); }, [size, points.length]);
  useEffect(() => {
    if (!view || !size) return undefined;
    const frame = requestAnimationFrame(() => canvas.current && drawGround(canvas.current, view, ...size, !!ground, () => arrived((n) => n + 1)));
    return () => cancelAnimationFrame(frame);
  });
  const at = (p) => { const [x, y] = world(p); return [size[0] / 2 + (x - view.x) * scaleOf(view), size[1] / 2 + (y - view.y) * scaleOf(view)]; };
  const bar = view && gridMetres(view);
  return html`<div class=${`map ${className}`} ref=${box} tabindex="0" role="group" aria-label=${t('map')}><canvas ref=${canvas} aria-hidden="true"></canvas>
    ${view && size && html`<svg width=${size[0]} height=${size[1]} role="img" aria-label=${t('map')}>${draw(at)}</svg>
      <div class="map-tools"><button aria-label=${t('nearer')} onClick=${() => setView((v) => zoomed(v, 1))}>+</button><button aria-label=${t('farther')} onClick=${() => setView((v) => zoomed(v, -1))}>−</button><button aria-label=${t('show_all')} onClick=${fit}><svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="M2 7V2h5M13 2h5v5M18 13v5h-5M7 18H2v-5" /></svg></button></div>
      <p class="map-foot"><span class="map-scale" style=${`width:${bar / resolution(view)}px`}>${metresText(bar)}</span>${ground && html`<span>${ground.attribution}</span>`}</p>`}</div>`;
}
