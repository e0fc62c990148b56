// A QR code (ISO/IEC 18004) drawn as one path: dark on white in every mode, for a scanner must read it in the sun.
import { html } from './common.js';
import { encode } from './uqr.js';

export function Qr({ text, label }) {
  const { data, size } = encode(text, { ecc: 'M', border: 4 });
  const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('');
  return html`<svg class="qr" viewBox=${`0 0 ${size} ${size}`} role="img" aria-label=${label} shape-rendering="crispEdges"><rect width=${size} height=${size} fill="#fff" /><path d=${path} fill="#000" /></svg>`;
}
