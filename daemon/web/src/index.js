// Log-in; each role goes to its own page.
import { html, render, useState, call, t, LanguageButton, useLanguage } from './common.js';

const homes = { courier: '/courier', manager: '/park', admin: '/park', support: '/park' };

function Login() {
  useLanguage();
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  async function submit(e) {
    e.preventDefault();
    setBusy(true);
    setProblem('');
    const form = new FormData(e.target);
    try {
      const s = await call('POST', '/v1/sessions', { login: form.get('login'), password: form.get('password') });
      localStorage.setItem('me', JSON.stringify(s.user));
      if (homes[s.user.role]) location.href = homes[s.user.role];
      else setProblem(t('role_page'));
    } catch (e) {
      setProblem(e.status === 401 ? t('wrong_login') : e.message);
    }
    setBusy(false);
  }
  return html`<div class="login">
    <header><img src="/icon.svg" alt="" width="72" height="72" /><h1>驿站 <small>Yizhan</small></h1></header>
    <form onSubmit=${submit}>
      <label>${t('user')}<input name="login" autocomplete="username" required maxlength="64" autofocus /></label>
      <label>${t('password')}<input name="password" type="password" autocomplete="current-password" required maxlength="128" /></label>
      <p class="problem" role="alert">${problem}</p>
      <button class="main" disabled=${busy}>${t('login')}</button>
    </form>
    <footer><${LanguageButton} /> <a href="/openapi.json">${t('docs')}</a></footer>
  </div>`;
}
render(html`<${Login} />`, document.getElementById('app'));
