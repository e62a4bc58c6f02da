// Downloads a release. A store that signs asks for which device it is.
import { html, useState } from '../html.js';
import { API, get, query } from '../api.js';
import { store, useStore } from '../store.js';
import { t } from '../strings.js';
import { TextField } from '../parts/fields.js';
import { Icon } from '../parts/icons.js';
import { Dialog } from '../parts/dialog.js';

/** Whether this store signs what it sends; asked once. */
const signs = store(undefined);
let asked = false;

async function ask(sequence, id) {
  if (asked) return signs.get();
  const { data } = await get(`/packages/${encodeURIComponent(id)}/visibility`);
  asked = true;
  signs.set(data.signature !== 'none');
  return signs.get();
}

const address = (release, hardwareId) => `${API}/releases/${release.sequence}/package${query({ hardwareId })}`;

function DownloadDialog({ release, name, onClose }) {
  const [hardwareId, setHardwareId] = useState('');
  return html`<${Dialog} title=${t('package.download.title', { version: name })} onClose=${onClose}>
    <div class="stack"><p class="dialog-text">${t('package.download.lead')}</p>
      <${TextField} autofocus label=${t('package.download.device')} hint=${t('package.download.hint')} value=${hardwareId} onInput=${(event) => setHardwareId(event.target.value)} autocomplete="off" spellcheck=${false} dir="ltr" maxlength="200" />
      <div class="dialog-actions"><button class="button" onClick=${onClose}>${t('action.cancel')}</button>
        <a class="button primary" href=${address(release, hardwareId.trim())} download onClick=${() => setTimeout(onClose, 0)}><${Icon} name="download" />${t('package.download')}</a></div>
    </div></${Dialog}>`;
}

export function DownloadButton({ release, name }) {
  const isSigning = useStore(signs);
  const [open, setOpen] = useState(false);
  const label = `${t('package.download')} ${name}, ${release.architecture}`;
  const onClick = (event) => {
    if (isSigning === false) return;
    event.preventDefault();
    ask(release.sequence, release.id).then(
      (answer) => { if (answer) setOpen(true); else location.assign(address(release)); },
      () => location.assign(address(release)),
    );
  };
  return html`<a class="icon-button" href=${address(release)} download aria-label=${label} title=${t('package.download')} onClick=${onClick}><${Icon} name="download" /></a>
    ${open && html`<${DownloadDialog} release=${release} name=${name} onClose=${() => setOpen(false)} />`}`;
}
