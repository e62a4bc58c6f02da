// A new password: it can be shown, and the rules stand below it, each ticked as soon as it is kept.
import { html } from '../html.js';
import { addTexts, t } from '../strings.js';
import { Field } from './fields.js';
import { Icon } from './icons.js';
import { PasswordInput } from './password-input.js';

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

export const PasswordField = ({ label, value, onInput, error, name = 'password' }) => html`
  <${Field} label=${label} error=${error}>${(names) => html`<${PasswordInput} names=${names} name=${name} value=${value} onInput=${onInput} autocomplete="new-password" />
    <ul class="password-rules" aria-label=${t('password.rules')}>${passwordRules(value).map(([key, isMet]) => html`<li key=${key} class=${isMet ? 'met' : ''}>
      <${Icon} name=${isMet ? 'check' : 'dash'} /><span class="sr-only">${t(isMet ? 'password.met' : 'password.open')} </span>${t(key, { least: LEAST })}</li>`)}</ul>`}</${Field}>`;
