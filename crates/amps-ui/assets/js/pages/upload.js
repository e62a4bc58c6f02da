// Uploading: files are dropped or chosen; each shows how far it is, and then what the server has checked.
import { html, useRef } from '../html.js';
import { useStore } from '../store.js';
import { t } from '../strings.js';
import { Link } from '../router.js';
import { may, useSession } from '../session.js';
import { Page } from '../parts/page.js';
import { Drawing, Empty } from '../parts/states.js';
import { DropAnywhere } from '../parts/drop-anywhere.js';
import { Icon } from '../parts/icons.js';
import '../upload/texts.js';
import { addFiles, clearEnded, hasEnded, uploads } from '../upload/queue.js';
import { UploadItem } from '../upload/item.js';
import { Unfinished } from '../upload/unfinished.js';
import { Announcer } from '../upload/announcer.js';

function Zone() {
  const field = useRef(null);
  const isUsed = useStore(uploads).length > 0;
  const onChange = (event) => {
    addFiles([...event.target.files]);
    // The same file may be chosen again.
    event.target.value = '';
  };
  return html`<div class=${`zone ${isUsed ? 'used' : ''}`}>
    <${Drawing} name="empty" />
    <p class="zone-title">${t('upload.drop')}</p>
    <p class="muted">${t('upload.or')}</p>
    <button class="button primary" onClick=${() => field.current.click()}><${Icon} name="upload" />${t('upload.choose')}</button>
    <input ref=${field} class="sr-only" type="file" multiple accept=".ampkg,.appkg" aria-label=${t('upload.choose')} tabindex="-1" onChange=${onChange} />
    <p class="hint">${t('upload.hint')}</p>
  </div>`;
}

function List() {
  const all = useStore(uploads);
  if (all.length === 0) return null;
  const ended = all.filter(hasEnded).length;
  return html`<section class="uploads" aria-labelledby="uploads-title">
    <div class="section-head"><h2 id="uploads-title">${t('upload.list')}</h2>
      ${ended > 0 && html`<button class="button small" onClick=${clearEnded}>${t('upload.clear')}</button>`}</div>
    <ul class="stack">${[...all].reverse().map((upload) => html`<${UploadItem} key=${upload.id} upload=${upload} />`)}</ul></section>`;
}

export default function Upload() {
  const who = useSession();
  if (who === undefined) return html`<${Page} title=${t('upload.title')} />`;
  if (!may(who, 'upload')) {
    return html`<${Page} title=${t('upload.title')}><${Empty} drawing="locked" title=${t('upload.mayNot.title')} text=${t('upload.mayNot.text')}>
      ${!who.user && html`<${Link} class="button primary" href="/sign-in?next=%2Fupload">${t('session.signin')}</${Link}>`}</${Empty}></${Page}>`;
  }
  return html`<${DropAnywhere} onFiles=${addFiles}><${Page} title=${t('upload.title')} lead=${t('upload.lead')} class="upload">
    <${Zone} /><${List} /><${Unfinished} /><${Announcer} /></${Page}></${DropAnywhere}>`;
}
