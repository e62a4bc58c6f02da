// Over the page of somebody whose session has ended: they sign in again, and go on where they were.
import { html } from '../html.js';
import { addTexts, t } from '../strings.js';
import { giveUp, useSession } from '../session.js';
import { Dialog } from './dialog.js';
import { SignInForm } from './sign-in-form.js';

addTexts({
  'again.title': 'Your session has ended',
  'again.text': 'Sign in again, and go on where you are. Nothing that you have entered is lost.',
  'again.leave': 'Go on without',
});

export default function SignInAgain() {
  const who = useSession();
  return html`<${Dialog} title=${t('again.title')} onClose=${giveUp}>
    <p class="muted">${t('again.text')}</p>
    <${SignInForm} userName=${who.user?.name}><button type="button" class="button" onClick=${giveUp}>${t('again.leave')}</button></${SignInForm}></${Dialog}>`;
}
