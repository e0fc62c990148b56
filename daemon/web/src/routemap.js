// Routes as lines on plain ground: true to scale at city size, no tiles, no map key.
import { html, t } from './common.js';

const WIDTH = 640, HEIGHT = 420, EDGE = 26;
const COLOURS = ['#1f5fa8', '#0b5c3b', '#a51d1d', '#8a5a00', '#6a3d9a', '#0e7490', '#9d174d', '#4d5b00'];

/** Degrees to picture: equirectangular about the middle latitude, north up, fitted. */
function fit(points) {
  const lats = points.map((p) => p.lat), lons = points.map((p) => p.lon);
  const s = Math.min(...lats), n = Math.max(...lats), w = Math.min(...lons), e = Math.max(...lons);
  const k = Math.cos(((s + n) / 2) * Math.PI / 180);
  const scale = Math.min((WIDTH - 2 * EDGE) / Math.max((e - w) * k, 1e-4), (HEIGHT - 2 * EDGE) / Math.max(n - s, 1e-4));
  return (p) => [WIDTH / 2 + (p.lon - (w + e) / 2) * k * scale, HEIGHT / 2 - (p.lat - (s + n) / 2) * scale];
}

/** lines: [{name, stops: [{seq, lat, lon, done?, name}]}]; site: {lat, lon} or nothing; onPick(stop). */
export function RouteMap({ lines, site, onPick }) {
  const all = lines.flatMap((l) => l.stops).concat(site && site.lat ? [site] : []);
  if (!all.length) return html`<p class="hint">${t('none')}</p>`;
  const at = fit(all), numbered = lines.length === 1;
  return html`<svg class="map" viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label=${t('map')}>
    ${lines.map((l, i) => html`<g style=${`--route:${COLOURS[i % COLOURS.length]}`}>
      <polyline points=${(site && site.lat ? [site] : []).concat(l.stops).map((p) => at(p).map((v) => v.toFixed(1)).join()).join(' ')} />
      ${l.stops.map((p) => { const [x, y] = at(p); return html`<g class=${p.done ? 'done' : ''} onClick=${() => onPick?.(p)}><circle cx=${x} cy=${y} r=${numbered ? 14 : 4} /><title>${l.name} ${p.seq} ${p.name}</title>${numbered && html`<text x=${x} y=${y + 5} text-anchor="middle">${p.seq}</text>`}</g>`; })}</g>`)}
    ${site && site.lat && (([x, y]) => html`<rect x=${x - 9} y=${y - 9} width="18" height="18" />`)(at(site))}
  </svg>`;
}
