// Routes over the base map: along the streets where the daemon has them, straight from stop to stop where not.
import { html, t, useState, useEffect } from './common.js';
import { GroundMap } from './map.js';

const COLOURS = ['#1f5fa8', '#0b5c3b', '#a51d1d', '#8a5a00', '#6a3d9a', '#0e7490', '#9d174d', '#4d5b00'];
const LEGS_MAX = 90, PROFILES = ['van', 'etrike', 'ebike', 'foot'];

/** Google's encoded polyline: [{lat, lon}, …]. */
export function decodePolyline(s) {
  const out = [], value = [0, 0];
  for (let i = 0, k = 0; i < s.length; k ^= 1) {
    let v = 0, shift = 0, b;
    do { b = s.charCodeAt(i++) - 63; v |= (b & 31) << shift; shift += 5; } while (b >= 32 && i < s.length);
    value[k] += (v >> 1) ^ -(v & 1);
    if (k) out.push({ lat: value[0] / 1e5, lon: value[1] / 1e5 });
  }
  return out;
}

async function alongStreets(points, profile) {
  const path = points.slice(0, LEGS_MAX).map((p) => `${p.lon.toFixed(6)},${p.lat.toFixed(6)}`).join(';');
  const r = await fetch(`/route/v1/${PROFILES.includes(profile) ? profile : 'van'}/${path}?overview=simplified`, { credentials: 'same-origin' });
  if (!r.ok) return null;
  return decodePolyline((await r.json()).routes[0].geometry).concat(points.slice(LEGS_MAX));
}

/** The ways of the lines, one after the other so that nobody else waits for them; a line that has none yet is missing. */
function useStreets(ways, profiles, mapped) {
  const [found, setFound] = useState({});
  const key = JSON.stringify(ways.map((w) => w.map((p) => [p.lat, p.lon])));
  useEffect(() => {
    let gone = false;
    setFound({});
    (async () => {
      for (let i = 0; mapped && i < ways.length && !gone; i++) {
        const line = ways[i].length > 1 && await alongStreets(ways[i], profiles[i]).catch(() => null);
        if (line && !gone) setFound((f) => ({ ...f, [i]: line }));
      }
    })();
    return () => { gone = true; };
  }, [key, mapped]);
  return found;
}

const onPlace = (p) => p.lat != null && p.lon != null;

/** lines: [{name, profile?, stops: [{seq, lat, lon, done?, name}]}]; site: {lat, lon} or nothing; onPick(stop). */
export function RouteMap({ lines, site, onPick }) {
  const [mapped, setMapped] = useState(false);
  const start = site && site.lat ? [site] : [], shown = lines.map((l) => ({ ...l, stops: l.stops.filter(onPlace) }));
  const ways = shown.map((l) => start.concat(l.stops)), streets = useStreets(ways, shown.map((l) => l.profile), mapped), all = ways.flat();
  if (!all.length) return html`<p class="hint">${t('none')}</p>`;
  const numbered = lines.length === 1;
  const draw = (at) => html`${shown.map((l, i) => html`<g style=${`--route:${COLOURS[i % COLOURS.length]}`}>
      <polyline points=${(streets[i] || ways[i]).map((p) => at(p).map((v) => v.toFixed(1)).join()).join(' ')} />
      ${l.stops.map((p) => { const [x, y] = at(p); return html`<g class=${p.done ? 'done' : ''} onClick=${() => onPick?.(p)}><circle cx=${x} cy=${y} r=${numbered ? 14 : 5} /><title>${l.name} ${p.seq} ${p.name}</title>${numbered && html`<text x=${x} y=${y + 5} text-anchor="middle">${p.seq}</text>`}</g>`; })}</g>`)}
    ${start.map((p) => { const [x, y] = at(p); return html`<rect x=${x - 9} y=${y - 9} width="18" height="18" />`; })}`;
  return html`<${GroundMap} points=${all} draw=${draw} onGround=${setMapped} />`;
}
