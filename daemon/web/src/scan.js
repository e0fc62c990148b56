// The ways a waybill gets in: a wedge or PDA scanner that types and presses Enter, the camera, the thumb.
import { html, useState, useEffect, useRef, t } from './common.js';

const WEDGE_GAP_MS = 300, WEDGE_LEAST = 6;

/** What reads a picture: the browser itself where it can, else zxing from our own files. Gives a text or undefined. */
async function reader() {
  if ('BarcodeDetector' in window) {
    const formats = (await BarcodeDetector.getSupportedFormats()).filter((f) => ['code_128', 'code_39', 'qr_code', 'data_matrix'].includes(f));
    if (formats.includes('code_128')) {
      const detector = new BarcodeDetector({ formats });
      return async (video) => (await detector.detect(video))[0]?.rawValue;
    }
  }
  const zxing = await import('./zxing.js');
  zxing.prepareZXingModule({ overrides: { locateFile: () => '/zxing.wasm' } });
  const canvas = document.createElement('canvas'), g = canvas.getContext('2d', { willReadFrequently: true });
  return async (video) => {
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    g.drawImage(video, 0, 0);
    const found = await zxing.readBarcodes(g.getImageData(0, 0, canvas.width, canvas.height), { formats: ['Code128', 'Code39', 'QRCode', 'DataMatrix'], maxNumberOfSymbols: 1 });
    return found[0]?.text;
  };
}

function Camera({ onScan, onEnd }) {
  const video = useRef();
  useEffect(() => {
    let stop = false, stream;
    (async () => {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment', width: { ideal: 1280 } } });
      video.current.srcObject = stream;
      await video.current.play();
      const read = await reader();
      while (!stop) {
        const text = await read(video.current).catch(() => '');
        if (text) { navigator.vibrate?.(60); onScan(text.trim()); onEnd(''); break; }
        await new Promise((r) => setTimeout(r, 120));
      }
    })().catch(() => onEnd('no_camera'));
    return () => { stop = true; stream?.getTracks().forEach((x) => x.stop()); };
  }, []);
  return html`<video ref=${video} playsinline muted></video>`;
}

/** Keys that come faster than a hand types, ended by Enter, are a scanner's; typing in a field is left alone. */
function useWedge(onScan) {
  const to = useRef(onScan);
  to.current = onScan;
  useEffect(() => {
    let text = '', at = 0;
    const key = (e) => {
      if (e.target.matches?.('input, textarea, select') || e.ctrlKey || e.altKey || e.metaKey) return;
      if (e.timeStamp - at > WEDGE_GAP_MS) text = '';
      at = e.timeStamp;
      if (e.key.length === 1) text += e.key;
      else if (e.key === 'Enter' && text.length >= WEDGE_LEAST) { e.preventDefault(); to.current(text.trim()); text = ''; }
    };
    addEventListener('keydown', key, true);
    return () => removeEventListener('keydown', key, true);
  }, []);
}

export function ScanBox({ onScan }) {
  const box = useRef();
  const [camera, setCamera] = useState(false);
  const [said, setSaid] = useState('');
  useWedge(onScan);
  function submit(e) {
    e.preventDefault();
    const v = box.current.value.trim();
    if (v) onScan(v);
    box.current.value = '';
    box.current.focus();
  }
  return html`<form class="scan" onSubmit=${submit}>
    ${camera && html`<${Camera} onScan=${onScan} onEnd=${(word) => { setSaid(word); setCamera(false); }} />`}
    ${said && html`<p class="problem" role="alert">${t(said)}</p>`}
    <input ref=${box} aria-label=${t('scan')} placeholder=${t('scan')} autocomplete="off" autocapitalize="characters" enterkeyhint="done" maxlength="400" />
    ${navigator.mediaDevices && html`<button type="button" class="camera" aria-pressed=${camera} onClick=${() => { setSaid(''); setCamera(!camera); }} aria-label=${t('camera')}><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M3 8h4l2-3h6l2 3h4v11H3z" /><circle cx="12" cy="13" r="3.6" /></svg></button>`}
  </form>`;
}
