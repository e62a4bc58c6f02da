// A password that is typed, and can be shown.
import { html, useState } from '../html.js';
import { addTexts, t } from '../strings.js';
import { Icon } from './icons.js';

addTexts({
  'password.show': 'Show password',
  'password.hide': 'Hide password',
});

/** `names` are those that its `Field` gives it. */
export function PasswordInput({ names, ...input }) {
  const [isShown, setShown] = useState(false);
  return html`<span class="password"><input class="input" ...${names} type=${isShown ? 'text' : 'password'} autocapitalize="off" spellcheck=${false} maxlength="4096" ...${input} />
    <button type="button" class="icon-button" aria-pressed=${isShown} aria-label=${t(isShown ? 'password.hide' : 'password.show')} onClick=${() => setShown(!isShown)}><${Icon} name="eye" /></button></span>`;
}
