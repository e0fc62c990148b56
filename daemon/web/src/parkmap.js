// Where everything is: points, lockers, the couriers' last positions.
import { html, call, t, either, time, useState, useEffect } from './common.js';
import { GroundMap } from './map.js';

const PAGES_MAX = 10, LOOK_MS = 10000;

async function everything(path) {
  let items = [], cursor = '';
  for (let i = 0; i < PAGES_MAX; i++) {
    const r = await call('GET', `${path}?limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    items = items.concat(r.items);
    if (!(cursor = r.next)) break;
  }
  return items.filter((x) => x.lat != null && x.lon != null);
}

const nameOf = (x) => either({ zh: x.name, en: x.name_en }) || x.code;

export function ParkMap() {
  const [places, setPlaces] = useState(null), [lockers, setLockers] = useState([]), [couriers, setCouriers] = useState([]), [said, setSaid] = useState(null);
  useEffect(() => {
    everything('/v1/points').then(setPlaces).catch(() => setPlaces([]));
    const look = () => {
      everything('/v1/lockers').then(setLockers).catch(() => {});
      call('GET', '/v1/park/couriers').then((r) => setCouriers(r.items.filter((c) => c.position))).catch(() => {});
    };
    look();
    const timer = setInterval(look, LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  if (!places) return html`<p class="hint">${t('loading')}</p>`;
  const all = [...places, ...lockers];
  if (!all.length) return html`<p class="hint">${t('none')}</p>`;
  const tell = (words) => ({ onClick: () => setSaid(words) });
  const draw = (at) => html`
    ${places.map((p) => { const [x, y] = at(p), words = `${nameOf(p)}${p.station ? ` · ${t('station_place')}` : ''}`; return html`<circle class=${p.station ? 'station' : 'place'} cx=${x} cy=${y} r=${p.station ? 6 : 4} ...${tell(words)}><title>${words}</title></circle>`; })}
    ${lockers.map((l) => { const [x, y] = at(l), words = `${l.code} · ${l.name} · ${t(l.online ? 'online' : 'offline')}`; return html`<rect class=${'locker' + (l.online ? '' : ' off')} x=${x - 7} y=${y - 7} width="14" height="14" rx="3" ...${tell(words)}><title>${words}</title></rect>`; })}
    ${couriers.map((c) => { const [x, y] = at(c.position), words = `${c.name} · ${time(c.position.at)} · ${c.on_board} ${t('parcels')}`; return html`<g class="courier" ...${tell(words)}><circle cx=${x} cy=${y} r="9" /><text x=${x} y=${y + 24} text-anchor="middle">${c.name}</text><title>${words}</title></g>`; })}`;
  return html`<${GroundMap} points=${all} draw=${draw} className="tall" />
    <p class="legend"><i class="place"></i>${t('place')} <i class="station"></i>${t('station_place')} <i class="locker"></i>${t('lockers')} <i class="courier"></i>${t('couriers')}</p><p role="status" class="map-said">${said}</p>`;
}
