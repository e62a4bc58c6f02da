// What an empty store says: how the first package comes in.
import { html } from '../html.js';
import { t } from '../strings.js';
import { Link } from '../router.js';
import { may, useSession } from '../session.js';
import { Command } from './copy.js';
import { Drawing } from './states.js';

export function NothingYet() {
  const who = useSession();
  const mayUpload = may(who, 'upload');
  return html`<div class="empty nothing-yet">
    <${Drawing} name="empty" />
    <h2>${t('browse.empty.title')}</h2>
    <p>${t('browse.empty.text')}</p>
    ${mayUpload ? html`<p>${t('browse.empty.drop')}</p><${Link} class="button primary" href="/upload">${t('upload.choose')}</${Link}>`
    : html`<p>${t('browse.empty.signin')}</p><${Link} class="button primary" href="/sign-in?next=%2Fupload">${t('session.signin')}</${Link}>`}
    <div class="commands"><p>${t('browse.empty.make')}</p>
      <${Command} text="amps-packager create-package hello.ampkg hello/" />
      <${Command} text=${`curl -H 'Content-Type: application/octet-stream' --data-binary @hello.ampkg ${location.origin}/api/v1/uploads`} />
    </div></div>`;
}
