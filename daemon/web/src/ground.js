// The base map: the road network in tiles of the daemon's own, drawn on a canvas. No other host is asked. Where the daemon
// has no map, or cannot be reached, the ground is a plain grid with the same scale.
import { language } from './common.js';
import { readTile } from './mvt.js';

export const TILE = 512; // CSS pixels of a tile at its own zoom
const LEAST = 5, MOST = 15, KEPT = 160, AGAIN_MS = 20000;

/** Degrees to the unit square of Web Mercator and back. */
export const world = (p) => {
  const s = Math.sin((Math.max(-85, Math.min(85, p.lat)) * Math.PI) / 180);
  return [p.lon / 360 + 0.5, 0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI)];
};
export const degrees = ([x, y]) => ({ lon: (x - 0.5) * 360, lat: (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI });
/** Metres of one CSS pixel in the middle of a view {x, y, z}. */
export const resolution = (v) => (40075016.7 * Math.cos((degrees([v.x, v.y]).lat * Math.PI) / 180)) / (TILE * 2 ** v.z);

// class → rank (what is drawn later lies above), width at zoom 14, growth, colour, edge
const STYLES = {};
[['path footway steps track bridleway', 0, 1, '#c9d3c4'], ['cycleway pedestrian corridor', 1, 1.2, '#cdd6d0'], ['ferry', 1, 1.2, '#8fb4d9'],
  ['service living_street', 2, 2, '#fff', '#d3d8d4'], ['unclassified residential road', 3, 3.2, '#fff', '#c8cfca'],
  ['tertiary tertiary_link', 4, 4.4, '#fff', '#b3bcb6'], ['secondary secondary_link', 5, 5, '#fdf3c8', '#cdb96a'],
  ['primary primary_link', 6, 5.6, '#fce6a4', '#c9a64a'], ['trunk trunk_link', 7, 6, '#f9cf8f', '#c08a3e'], ['motorway motorway_link', 8, 6.4, '#f3b38a', '#b8703a'],
].forEach(([names, rank, width, fill, edge]) => names.split(' ').forEach((n) => { STYLES[n] = { rank, width, fill, edge }; }));
const PLAIN = { rank: 1, width: 1, fill: '#cdd6d0' };
const styleOf = (name) => STYLES[name] || PLAIN;

let described; // one request a page: TileJSON, or null where there is no map
export function describe() {
  described ||= fetch('/tiles', { credentials: 'same-origin' }).then((r) => (r.ok ? r.json() : null)).catch(() => { described = undefined; return null; });
  return described;
}

/** A tile's features as paths by class, and its names. */
function prepare(bytes) {
  const { extent, features } = readTile(bytes, 'roads'), paths = new Map(), names = [];
  for (const f of features) {
    const key = f.class || '';
    if (!paths.has(key)) paths.set(key, new Path2D());
    const path = paths.get(key);
    for (const l of f.lines) {
      path.moveTo(l[0], l[1]);
      for (let i = 2; i < l.length; i += 2) path.lineTo(l[i], l[i + 1]);
    }
    if (f.name && styleOf(key).rank > 1) names.push({ zh: f.name, en: f.name_en || f.name, rank: styleOf(key).rank, lines: f.lines });
  }
  return { extent, paths, names };
}

const tiles = new Map(); // "z/x/y" → {data} once it is here; shared by all maps of the page
function tileAt(key, whenHere) {
  let tile = tiles.get(key);
  if (tile && !(tile.failed && Date.now() - tile.failed > AGAIN_MS)) return tile;
  tile = {};
  tiles.delete(key);
  tiles.set(key, tile);
  if (tiles.size > KEPT) tiles.delete(tiles.keys().next().value);
  fetch(`/tiles/${key}`, { credentials: 'same-origin' }).then(async (r) => {
    if (!r.ok) throw new Error(r.status);
    tile.data = prepare(new Uint8Array(await r.arrayBuffer()));
    whenHere();
  }).catch(() => { tile.failed = Date.now(); });
  return tile;
}

/** The tile itself, or the part of an ancestor that covers it: {data, z, x, y}. */
function known(z, x, y, whenHere) {
  const own = tileAt(`${z}/${x}/${y}`, whenHere);
  if (own.data) return { data: own.data, z, x, y };
  for (let up = 1; up < 5 && z - up >= LEAST; up++) {
    const t = tiles.get(`${z - up}/${x >> up}/${y >> up}`);
    if (t?.data) return { data: t.data, z: z - up, x: x >> up, y: y >> up };
  }
  return null;
}

function visible(view, w, h, whenHere) {
  const z = Math.max(LEAST, Math.min(MOST, Math.floor(view.z + 0.3))), n = 2 ** z, half = TILE * 2 ** view.z * 2, seen = new Map();
  const from = (c, size) => Math.max(0, Math.floor((c - size / half) * n)), to = (c, size) => Math.min(n - 1, Math.floor((c + size / half) * n));
  for (let x = from(view.x, w); x <= to(view.x, w); x++) {
    for (let y = from(view.y, h); y <= to(view.y, h); y++) {
      const k = known(z, x, y, whenHere);
      if (k) seen.set(`${k.z}/${k.x}/${k.y}`, k);
    }
  }
  return [...seen.values()];
}

/** Where a tile's units lie on the picture: scale and offset in CSS pixels. */
function placed(tile, view, w, h) {
  const size = TILE * 2 ** (view.z - tile.z);
  return { k: size / tile.data.extent, x: w / 2 + (tile.x / 2 ** tile.z - view.x) * TILE * 2 ** view.z, y: h / 2 + (tile.y / 2 ** tile.z - view.y) * TILE * 2 ** view.z, size };
}

function drawRoads(ctx, shown, view, dpr) {
  const classes = [...new Set(shown.flatMap(({ tile }) => [...tile.data.paths.keys()]))].sort((a, b) => styleOf(a).rank - styleOf(b).rank);
  const width = (s) => Math.max(0.6, s.width * 1.45 ** (view.z - 14));
  const stroke = (name, colour, wide) => shown.forEach(({ tile, at }) => {
    const path = tile.data.paths.get(name);
    if (!path) return;
    ctx.save();
    ctx.beginPath();
    ctx.rect(at.x, at.y, at.size, at.size); // tiles overlap a little
    ctx.clip();
    ctx.setTransform(dpr * at.k, 0, 0, dpr * at.k, dpr * at.x, dpr * at.y);
    ctx.strokeStyle = colour;
    ctx.lineWidth = wide / at.k;
    ctx.stroke(path);
    ctx.restore();
  });
  ctx.lineCap = ctx.lineJoin = 'round';
  classes.forEach((c) => { const s = styleOf(c); if (s.edge && width(s) > 1.5) stroke(c, s.edge, width(s) + 1.4); });
  classes.forEach((c) => { const s = styleOf(c); stroke(c, width(s) > 1.5 || !s.edge ? s.fill : s.edge, width(s)); });
}

/** Where a name of `wide` pixels fits along its lines: middle and slope of a piece that is long enough and nearly straight;
    of several the one next to the middle of the picture. */
function seat(name, at, wide, w, h) {
  let best = null;
  for (const l of name.lines) {
    for (let i = 0, j = 0, path = 0; i < l.length - 2; i += 2) {
      for (; path < wide && j < l.length - 2; j += 2) path += Math.hypot(l[j + 2] - l[j], l[j + 3] - l[j + 1]) * at.k;
      if (path < wide) break;
      const dx = (l[j] - l[i]) * at.k, dy = (l[j + 1] - l[i + 1]) * at.k, x = at.x + l[i] * at.k + dx / 2, y = at.y + l[i + 1] * at.k + dy / 2;
      const far = Math.hypot(x - w / 2, y - h / 2), rx = Math.abs(dx) / 2 + 8, ry = Math.abs(dy) / 2 + 8, inside = x > rx && y > ry && x < w - rx && y < h - 16 - ry;
      if (inside && Math.hypot(dx, dy) > 0.93 * path && (!best || far < best.far)) best = { x, y, far, angle: Math.atan2(dy, dx) };
      path -= Math.hypot(l[i + 2] - l[i], l[i + 3] - l[i + 1]) * at.k;
    }
  }
  return best;
}

/** Names along their streets, the greater first, none over another. */
function drawNames(ctx, shown, view, w, h) {
  if (view.z < 13.2) return;
  const boxes = [], said = new Map(), all = shown.flatMap(({ tile, at }) => tile.data.names.map((n) => ({ n, at }))).sort((a, b) => b.n.rank - a.n.rank);
  ctx.font = '12px system-ui, "Noto Sans CJK SC", sans-serif';
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  ctx.lineJoin = 'round';
  for (const { n, at } of all) {
    if (boxes.length > 60) break;
    const word = n[language()], wide = ctx.measureText(word).width, s = seat(n, at, wide + 8, w, h);
    if (!s) continue;
    const rx = Math.abs(Math.cos(s.angle)) * wide / 2 + 8, ry = Math.abs(Math.sin(s.angle)) * wide / 2 + 8;
    const near = (said.get(word) || []).some((p) => Math.hypot(p.x - s.x, p.y - s.y) < 260);
    if (near || boxes.some((b) => Math.abs(b.x - s.x) < b.rx + rx && Math.abs(b.y - s.y) < b.ry + ry)) continue;
    boxes.push({ x: s.x, y: s.y, rx, ry });
    said.set(word, [...(said.get(word) || []), s]);
    ctx.save();
    ctx.translate(s.x, s.y);
    ctx.rotate(Math.abs(s.angle) > Math.PI / 2 ? s.angle + Math.PI : s.angle);
    ctx.strokeStyle = '#fffd';
    ctx.lineWidth = 3.5;
    ctx.strokeText(word, 0, 0);
    ctx.fillStyle = '#3c4a43';
    ctx.fillText(word, 0, 0);
    ctx.restore();
  }
}

/** A round number of metres between the lines of the grid, some 90 pixels apart. */
export function gridMetres(view) {
  const m = 90 * resolution(view), ten = 10 ** Math.floor(Math.log10(m));
  return ten * (m / ten >= 5 ? 5 : m / ten >= 2 ? 2 : 1);
}

function drawGrid(ctx, view, w, h) {
  const step = gridMetres(view) / resolution(view), ox = (w / 2) % step, oy = (h / 2) % step;
  ctx.strokeStyle = '#d9e0db';
  ctx.lineWidth = 1;
  ctx.beginPath();
  for (let x = ox; x < w; x += step) { ctx.moveTo(x, 0); ctx.lineTo(x, h); }
  for (let y = oy; y < h; y += step) { ctx.moveTo(0, y); ctx.lineTo(w, y); }
  ctx.stroke();
}

/** Draws the ground of `view` on a canvas of w × h CSS pixels; whenHere is called when a tile has arrived. */
export function drawGround(canvas, view, w, h, mapped, whenHere) {
  const dpr = Math.min(2, devicePixelRatio || 1), ctx = canvas.getContext('2d');
  if (canvas.width !== Math.round(w * dpr) || canvas.height !== Math.round(h * dpr)) { canvas.width = Math.round(w * dpr); canvas.height = Math.round(h * dpr); }
  ctx.setTransform(dpr, 0, 0, dpr, 0, 0);
  ctx.fillStyle = '#eef2ee';
  ctx.fillRect(0, 0, w, h);
  if (!mapped) { drawGrid(ctx, view, w, h); return; }
  const shown = visible(view, w, h, whenHere).map((tile) => ({ tile, at: placed(tile, view, w, h) }));
  drawRoads(ctx, shown, view, dpr);
  drawNames(ctx, shown, view, w, h);
}
