// Proof of a hand-over at the door: who took it, and a signature, a photo or his code.
import { html, useState, t, Sheet } from './common.js';
import { Signature } from './signature.js';

const PHOTO_SIDE = 800, PHOTO_CHARS = 60000; // base64; the API takes 64 KiB

/** A photo small enough to be sent from a stairwell: scaled down, then coarser until it fits. */
async function shrink(file) {
  const image = await createImageBitmap(file);
  const scale = Math.min(1, PHOTO_SIDE / Math.max(image.width, image.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(image.width * scale);
  canvas.height = Math.round(image.height * scale);
  canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
  for (let quality = 0.7; quality > 0.05; quality -= 0.12) {
    const data = canvas.toDataURL('image/jpeg', quality).split(',')[1];
    if (data.length <= PHOTO_CHARS) return data;
  }
  throw new Error('photo too large');
}

/** onSign({by, proof: {kind, data_b64}}) */
export function Proof({ parcel, onSign, onCancel }) {
  const [by, setBy] = useState('self');
  const [how, setHow] = useState('');
  const [problem, setProblem] = useState('');
  const done = (kind, data_b64) => onSign({ by, proof: { kind, data_b64 } });
  const photo = (e) => e.target.files[0] && shrink(e.target.files[0]).then((data) => done('photo', data), () => setProblem(t('bad_photo')));
  const code = (e) => { e.preventDefault(); done('code', btoa(new FormData(e.target).get('code').trim())); };
  if (how === 'signature') return html`<${Sheet} title=${t('signature')} onClose=${onCancel}><${Signature} onDone=${(png) => done('signature', png)} onCancel=${() => setHow('')} /><//>`;
  return html`<${Sheet} title=${t('who_signs')} onClose=${onCancel}>
    <p class="mono">${parcel.waybill} · ${parcel.recipient}</p>
    <div class="choices" role="group" aria-label=${t('who_signs')}>${['self', 'family', 'agent'].map((who) => html`<button class=${by === who ? 'chosen' : ''} aria-pressed=${by === who} onClick=${() => setBy(who)}>${t(who)}</button>`)}</div>
    ${by === 'agent' && html`<p class="hint">${t('agent_hint')}</p>`}
    ${how === 'code' ? html`<form class="row" onSubmit=${code}><input name="code" required maxlength="16" inputmode="numeric" autocomplete="off" aria-label=${t('proof_code')} placeholder=${t('proof_code')} /><button class="main">${t('ok')}</button></form>`
      : html`<div class="row"><label class="file">${t('photo')}<input type="file" accept="image/*" capture="environment" onChange=${photo} /></label><button onClick=${() => setHow('code')}>${t('proof_code')}</button></div>`}
    <p class="problem" role="alert">${problem}</p>
    <button class="plain" onClick=${onCancel}>${t('cancel')}</button>
    <button class="main" onClick=${() => setHow('signature')}>${t('by_signature')}</button><//>`;
}
