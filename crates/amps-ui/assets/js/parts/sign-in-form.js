// User name and password, and what was wrong with them.
import { html, useRef, useState } from '../html.js';
import { addTexts, t } from '../strings.js';
import { signIn } from '../session.js';
import { Field, TextField } from './fields.js';
import { Icon } from './icons.js';
import { PasswordInput } from './password-input.js';

addTexts({
  'signin.name': 'User name',
  'signin.password': 'Password',
  'signin.submit': 'Sign in',
  'signin.busy': 'Signing in…',
  'signin.wrong': 'User name and password do not go together.',
  'signin.disabled': 'This account is switched off. An administrator can switch it on again.',
  'signin.later': 'Too many attempts. Try again in {seconds} seconds.',
  'signin.empty': 'Enter user name and password.',
});

function words(problem) {
  if (problem.code === 'wrong-credentials') return t('signin.wrong');
  if (problem.code === 'account-disabled') return t('signin.disabled');
  if (problem.status === 429) return t('signin.later', { seconds: problem.retryAfter ?? 10 });
  return problem.detail;
}

/** `userName` is who it will be, if that is known; `note` stands above, `children` beside the button. */
export function SignInForm({ userName = '', note, onDone, class: extra = '', children }) {
  const [name, setName] = useState(userName);
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const form = useRef(null);
  const focus = (field) => form.current?.querySelector(`[name=${field}]`).focus();
  const submit = async (event) => {
    event.preventDefault();
    if (busy) return;
    if (!name.trim() || !password) {
      setError(t('signin.empty'));
      focus(name.trim() ? 'password' : 'username');
      return;
    }
    setBusy(true);
    setError('');
    try {
      await signIn(name.trim(), password);
      onDone?.();
    } catch (problem) {
      setError(words(problem));
      setBusy(false);
      setPassword('');
      focus('password');
    }
  };
  return html`<form ref=${form} class=${`stack ${extra}`} onSubmit=${submit} method="post" action="/ui/sign-in" novalidate>
    ${note && !error && html`<p class="notice">${note}</p>`}
    <p role="alert" class=${error ? 'notice notice-bad' : 'sr-only'}>${error && html`<${Icon} name="alert" /><span>${error}</span>`}</p>
    <${TextField} label=${t('signin.name')} name="username" value=${name} onInput=${(event) => setName(event.target.value)} autocomplete="username" autocapitalize="off" spellcheck=${false} autofocus=${!userName} maxlength="200" />
    <${Field} label=${t('signin.password')}>${(names) => html`<${PasswordInput} names=${names} name="password" value=${password} onInput=${(event) => setPassword(event.target.value)} autocomplete="current-password" autofocus=${Boolean(userName)} />`}</${Field}>
    <div class="dialog-actions">${children}<button class="button primary" type="submit" disabled=${busy} aria-busy=${busy}>${t(busy ? 'signin.busy' : 'signin.submit')}</button></div>
  </form>`;
}
