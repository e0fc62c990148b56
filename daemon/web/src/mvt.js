// Mapbox Vector Tiles (specification 2.1), as far as the daemon draws them: lines with texts for attributes.

/** Walks the fields of a protocol buffer: each(number, value), where value is a number or a piece of the bytes. */
function fields(bytes, each) {
  let at = 0;
  const varint = () => {
    let v = 0, scale = 1, b;
    do { b = bytes[at++]; v += (b & 127) * scale; scale *= 128; } while (b > 127 && at < bytes.length);
    return v;
  };
  while (at < bytes.length) {
    const key = varint(), kind = key & 7;
    if (kind === 0) each(key >>> 3, varint());
    else if (kind === 2) { const n = varint(); each(key >>> 3, bytes.subarray(at, at + n)); at += n; }
    else return;
  }
}

function numbers(bytes) {
  const out = [];
  for (let at = 0; at < bytes.length;) {
    let v = 0, scale = 1, b;
    do { b = bytes[at++]; v += (b & 127) * scale; scale *= 128; } while (b > 127 && at < bytes.length);
    out.push(v);
  }
  return out;
}

const signed = (v) => (v >>> 1) ^ -(v & 1);

/** Commands to lines: [[x, y, x, y, …], …] in the tile's units. */
function linesOf(commands) {
  const lines = [];
  let x = 0, y = 0;
  for (let i = 0; i < commands.length;) {
    const what = commands[i] & 7;
    let n = commands[i++] >>> 3;
    for (; n > 0 && i + 1 < commands.length && what < 3; n--, i += 2) {
      x += signed(commands[i]);
      y += signed(commands[i + 1]);
      if (what === 1) lines.push([x, y]);
      else lines[lines.length - 1]?.push(x, y);
    }
    if (what > 2) break;
  }
  return lines;
}

function featureOf(bytes, keys, values) {
  const f = { lines: [] };
  fields(bytes, (n, v) => {
    if (n === 2) { const tags = numbers(v); for (let i = 0; i + 1 < tags.length; i += 2) f[keys[tags[i]]] = values[tags[i + 1]]; }
    if (n === 4) f.lines = linesOf(numbers(v));
  });
  return f;
}

/** The features of the layer `name`: [{class, name, …, lines}], and the extent of the tile. */
export function readTile(bytes, name) {
  const text = new TextDecoder(), out = { extent: 4096, features: [] };
  fields(bytes, (n, layer) => {
    if (n !== 3) return;
    const keys = [], values = [], raw = [];
    let called = '', extent = 4096;
    fields(layer, (k, v) => {
      if (k === 1) called = text.decode(v);
      else if (k === 2) raw.push(v);
      else if (k === 3) keys.push(text.decode(v));
      else if (k === 4) fields(v, (kind, s) => { if (kind === 1) values.push(text.decode(s)); });
      else if (k === 5) extent = v;
    });
    if (called === name) { out.extent = extent; out.features = raw.map((f) => featureOf(f, keys, values)); }
  });
  return out;
}
