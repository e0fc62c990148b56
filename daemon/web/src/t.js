// The resident's page: no account, the link is the key.
import { html, render, useState, useEffect, call, t, either, language, dateTime, LanguageButton, useLanguage, Sheet } from './common.js';
import { SendBack } from './sending.js';

const token = location.pathname.split('/')[2] || '';
const path = `/v1/t/${token}`;

function Resident() {
  useLanguage();
  const [p, setP] = useState(null);
  const [said, setSaid] = useState('');
  const [asking, setAsking] = useState(false);
  const [scope, setScope] = useState('this');
  const load = () => call('GET', path).then(setP).catch((e) => setP({ missing: e.status === 404, problem: e.message }));
  useEffect(() => { load(); const timer = setInterval(load, 20000); return () => clearInterval(timer); }, []);
  const act = async (what, body, done) => {
    try { const r = await call('POST', `${path}/${what}`, body); setSaid(typeof done === 'function' ? done(r) : done); load(); } catch (e) { setSaid(e.type === 'extended-already' ? t('extended_already') : e.message); }
  };
  if (!p) return html`<p class="hint">${t('loading')}</p>`;
  if (p.problem) return html`<div class="card"><p class="hint">${p.missing ? t('not_found') : p.problem}</p><${LanguageButton} /></div>`;
  const can = (a) => p.can.includes(a);
  const box = p.locker;
  return html`<div class="resident">
    <header class="bar"><b>${t('where')}</b><span class="grow"></span><${LanguageButton} /></header>
    <section class="card"><p class="mono">${p.brand} · ${p.waybill_masked}</p><h1>${either(p.state_text)}</h1><p>${language() === 'en' && p.place_en ? p.place_en : p.place}${p.eta && !box ? html` · ${t('eta')} ${dateTime(p.eta)}` : ''}</p></section>
    ${box && box.code && html`<section class="card pickup"><p>${t('code')}</p><p class="code" aria-label=${box.code}>${box.code.slice(0, 4)} ${box.code.slice(4)}</p>
      <p class="huge"><small>${box.name} · ${t('compartment')}</small>${box.compartment}</p><p>${t('until')} <b>${dateTime(box.deadline)}</b></p><p>${t('call')} <a href=${'tel:' + box.phone}>${box.phone}</a></p>
      ${can('open') && html`<button class="main" onClick=${() => act('open', { code: box.code }, (r) => (r.status === 'opened' ? t('opened') : t('locker_offline')))}>${t('open_now')}</button>`}
      <div class="row">${can('extend') && html`<button onClick=${() => act('extend', {}, t('saved'))}>${t('extend')}</button>`}${can('delegate') && html`<button onClick=${() => act('delegate', {}, (r) => `${t('delegate_hint')}: ${location.origin}/t/${r.token}`)}>${t('delegate')}</button>`}</div></section>`}
    <p class="said" role="status">${said}</p>
    ${can('consent') && html`<section class="card"><h2>${t('how')}</h2><div class="choices">${['door', 'locker', 'station'].map((how) => html`<button class=${p.deliver === how ? 'chosen' : ''} aria-pressed=${p.deliver === how} onClick=${() => act('consent', { how, scope }, t('saved'))}>${t(how)}</button>`)}</div>
      <div class="row">${['this', 'always'].map((s) => html`<label><input type="radio" name="scope" checked=${scope === s} onChange=${() => setScope(s)} /> ${t(s === 'this' ? 'only_this' : 'always')}</label>`)}</div></section>`}
    <${SendBack} p=${p} act=${act} />
    <section class="card"><h2>${t('history')}</h2><ol class="history">${[...p.events].reverse().map((e) => html`<li><time>${dateTime(e.at)}</time> ${either(e)}</li>`)}</ol></section>
    ${can('refuse') && html`<button class="plain warn" onClick=${() => setAsking(true)}>${t('refuse')}</button>`}
    ${asking && html`<${Sheet} title=${t('refuse')} onClose=${() => setAsking(false)}><p>${t('refuse_sure')}</p><button class="warn" onClick=${() => { setAsking(false); act('refuse', { reason: 'resident' }, t('saved')); }}>${t('refuse')}</button><button onClick=${() => setAsking(false)}>${t('cancel')}</button><//>`}
  </div>`;
}
render(html`<${Resident} />`, document.getElementById('app'));
