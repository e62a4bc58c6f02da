// A new password: it can be shown, and the rules stand below it, each ticked as soon as it is kept.
import { html, useState } from '../html.js';
import { addTexts, t } from '../strings.js';
import { Field } from './fields.js';
import { Icon } from './icons.js';

const LEAST = 8;

addTexts({
  'password.rules': 'The password must have',
  'password.length': 'at least {least} characters',
  'password.digits': 'something beside digits',
  'password.met': 'done:',
  'password.open': 'still missing:',
});

/** The rules of the API (docs/package-server.md): `[key, whether the text keeps it]`. */
export const passwordRules = (text) => [
  ['password.length', [...text].length >= LEAST],
  ['password.digits', text !== '' && !/^\d+$/.test(text)],
];

export function PasswordField({ label, value, onInput, error, name = 'password' }) {
  const [isShown, setShown] = useState(false);
  return html`<${Field} label=${label} error=${error}>${(names) => html`<span class="password">
      <input class="input" ...${names} name=${name} type=${isShown ? 'text' : 'password'} value=${value} onInput=${onInput} autocomplete="new-password" autocapitalize="off" spellcheck=${false} maxlength="4096" />
      <button type="button" class="icon-button" aria-pressed=${isShown} aria-label=${t(isShown ? 'signin.hide' : 'signin.show')} onClick=${() => setShown(!isShown)}><${Icon} name="eye" /></button></span>
    <ul class="password-rules" aria-label=${t('password.rules')}>${passwordRules(value).map(([key, isMet]) => html`<li key=${key} class=${isMet ? 'met' : ''}>
      <${Icon} name=${isMet ? 'check' : 'dash'} /><span class="sr-only">${t(isMet ? 'password.met' : 'password.open')} </span>${t(key, { least: LEAST })}</li>`)}</ul>`}</${Field}>`;
}
