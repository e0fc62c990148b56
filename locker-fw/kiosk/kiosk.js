// The locker's screen. No third-party requests; talks to the controller on the same address only.
'use strict';
(() => {
  const words = {
    zh: { title: '智能快递柜', enter: '请输入8位取件码', clear: '清空', back: '退格', open: '开门',
      scan: '也可以把取件二维码、寄件码或快递员投递码对准扫码口', compartment: '格口', stuck: '门没有打开',
      not_mine: '不是我的包裹', refused: '拒收', done: '完成', receipt: '请用手持终端扫描此投递回执', online: '在线',
      offline: '离线可用', opening: '正在开门…', isopen: '门已打开，取放后请关好门', isclosed: '门已关好，谢谢',
      notopened: '门没有打开，请重试或联系客服', said: '已记录，我们会尽快处理', other: 'English',
      why: { wrong_code: '取件码不正确，请核对后再输', locked_out: '输错次数太多，请稍后再试', malformed: '无法识别，请重试',
        full: '没有合适的空格口', board_lost: '该格口暂时无法使用，请联系客服', door_open: '该格口的门开着，请先关门',
        expired: '凭证已过期', replayed: '凭证已使用过', bad_state: '该格口现在不能打开，请联系客服',
        too_many_tries: '开门过于频繁，请半分钟后再试', bad_signature: '凭证无效', wrong_locker: '这不是本柜的凭证',
        journal: '柜机故障，暂停服务', not_yet: '凭证尚未生效', failed: '暂时无法完成，请联系客服' } },
    en: { title: 'Parcel locker', enter: 'Enter your 8-digit code', clear: 'Clear', back: 'Delete', open: 'Open',
      scan: 'Or hold your pickup, sending or courier QR to the scanner', compartment: 'Compartment',
      stuck: 'The door did not open', not_mine: 'Not my parcel', refused: 'Refuse the parcel', done: 'Done',
      receipt: 'Scan this deposit receipt with the handheld', online: 'online', offline: 'works offline',
      opening: 'Opening…', isopen: 'The door is open. Please close it afterwards.', isclosed: 'The door is closed. Thank you.',
      notopened: 'The door did not open. Try again or call us.', said: 'Noted. We will see to it.', other: '中文',
      why: { wrong_code: 'This code is not right. Please check it.', locked_out: 'Too many wrong codes. Try again later.',
        malformed: 'Not understood. Please try again.', full: 'No free compartment fits.',
        board_lost: 'This compartment is out of order. Please call us.', door_open: 'That door is open. Close it first.',
        expired: 'This permission has expired.', replayed: 'This permission was used already.',
        bad_state: 'This compartment cannot be opened now. Please call us.',
        too_many_tries: 'Too many tries. Wait half a minute.', bad_signature: 'This permission is not valid.',
        wrong_locker: 'This is for another locker.', journal: 'The locker is out of order.', not_yet: 'Not valid yet.',
        failed: 'Not possible now. Please call us.' } },
  };
  const $ = (id) => document.getElementById(id);
  let lang = 'zh', digits = '', shown = 0, watch = null, idle = null, wedge = '', wedgeAt = 0, online = null;

  function speak() {
    const t = words[lang];
    document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en';
    document.title = t.title;
    for (const e of document.querySelectorAll('[data-t]')) e.textContent = t[e.dataset.t];
    $('lang').textContent = t.other;
    $('lang').lang = lang === 'zh' ? 'en' : 'zh-CN';
    $('online').textContent = online === null ? '' : online ? t.online : t.offline;
  }
  function show() {
    $('digits').textContent = digits.replace(/(.{4})(?=.)/, '$1 ');
  }
  function home() {
    clearInterval(watch);
    shown = 0; digits = '';
    $('opened').hidden = true; $('home').hidden = false; $('receipt').hidden = true; $('message').textContent = '';
    show();
  }
  function awake() {
    clearTimeout(idle);
    idle = setTimeout(() => { lang = 'zh'; speak(); home(); }, 90000);
  }
  async function ask(path, body) {
    const r = await fetch(path, body ? { method: 'POST', headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body) } : { cache: 'no-store' });
    return r.json();
  }
  function refuse(why) {
    const t = words[lang];
    digits = ''; show();
    $('message').textContent = t.why[why] || t.why.failed;
  }
  async function look() {
    const t = words[lang], c = await ask('/api/compartment?n=' + shown);
    const open = c.door === 'open';
    const tried = c.state.startsWith('opening');
    if (open) $('door').dataset.was = 'open';
    $('door').textContent = open ? t.isopen : tried ? t.opening : $('door').dataset.was ? t.isclosed : t.notopened;
    for (const b of document.querySelectorAll('#actions button'))
      b.hidden = b.dataset.what !== 'stuck' && c.state !== 'door_pickup';
    if (!open && c.state === 'occupied' && $('receipt').hidden && $('door').dataset.was) {
      const r = await ask('/api/receipt?n=' + shown);
      if (r.svg) { $('qr').src = 'data:image/svg+xml,' + encodeURIComponent(r.svg); $('receipt').hidden = false; }
    }
  }
  function opened(n) {
    shown = n;
    $('number').textContent = n;
    $('said').textContent = '';
    delete $('door').dataset.was;
    $('door').textContent = words[lang].opening;
    $('home').hidden = true; $('opened').hidden = false;
    $('done').focus();
    clearInterval(watch);
    watch = setInterval(() => look().catch(() => {}), 400);
  }
  async function send(path, body) {
    try {
      const r = await ask(path, body);
      if (r.ok) opened(r.compartment); else refuse(r.why);
    } catch { refuse('failed'); }
  }
  function press(d) {
    $('message').textContent = '';
    if (digits.length < 8) digits += d;
    show();
  }
  function enter() {
    if (digits.length === 8) send('/api/code', { digits }); else refuse('malformed');
  }
  for (const b of document.querySelectorAll('#pad button:not([id])')) b.addEventListener('click', () => press(b.textContent));
  $('clear').addEventListener('click', () => { digits = ''; show(); });
  $('back').addEventListener('click', () => { digits = digits.slice(0, -1); show(); });
  $('ok').addEventListener('click', enter);
  $('done').addEventListener('click', home);
  $('lang').addEventListener('click', () => { lang = lang === 'zh' ? 'en' : 'zh'; speak(); });
  for (const b of document.querySelectorAll('#actions button')) b.addEventListener('click', async () => {
    const r = await ask('/api/report', { compartment: shown, what: b.dataset.what }).catch(() => ({}));
    $('said').textContent = r.ok ? words[lang].said : words[lang].why.failed;
  });
  // A scanner types: a burst of characters ending in Enter. Slower keys are a person at the keyboard.
  document.addEventListener('keydown', (e) => {
    awake();
    if (e.ctrlKey || e.altKey || e.metaKey) return;
    if (e.timeStamp - wedgeAt > 80) wedge = '';
    wedgeAt = e.timeStamp;
    if (e.key === 'Enter') {
      const text = wedge;
      wedge = '';
      if (text.length > 8) { e.preventDefault(); digits = ''; home(); send('/api/scan', { text }); }
      else if (!$('home').hidden && (e.target === document.body || digits.length === 8)) { e.preventDefault(); enter(); }
      return;
    }
    if (e.key.length !== 1 && e.key !== 'Backspace') return;
    if (e.key.length === 1) wedge += e.key;
    if ($('home').hidden) return;
    if (/^[0-9]$/.test(e.key)) press(e.key);
    else if (e.key === 'Backspace') { digits = digits.slice(0, -1); show(); }
  });
  document.addEventListener('pointerdown', awake);
  async function beat() {
    try { online = (await ask('/api/status')).online; } catch { online = null; }
    speak();
  }
  setInterval(beat, 5000);
  speak(); show(); awake(); beat();
})();
