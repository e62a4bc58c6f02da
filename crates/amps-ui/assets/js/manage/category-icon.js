// The icon of a category: shown, chosen with a preview, sent, taken away.
import { html, useEffect, useRef, useState } from '../html.js';
import { request } from '../api.js';
import { addTexts, t } from '../strings.js';
import { bytes } from '../format.js';
import { visibleText } from '../words.js';
import { Icon } from '../parts/icons.js';
import { Dialog } from '../parts/dialog.js';
import { toast } from '../parts/toast.js';
import { named } from './change.js';

/** The API's limit. */
const MOST_BYTES = 1024 * 1024;
const TYPES = ['image/png', 'image/jpeg'];

addTexts({
  'icon.title': 'Icon of {name}',
  'icon.none': 'There is no icon yet.',
  'icon.hint': 'PNG or JPEG, at most 1 MB. Square ones look best; devices get it scaled.',
  'icon.choose': 'Choose an image',
  'icon.save': 'Save icon',
  'icon.remove': 'Remove icon',
  'icon.saved': '{name} has a new icon',
  'icon.removed': '{name} has no icon any more',
  'icon.type': 'This is not a PNG or JPEG image.',
  'icon.size': 'The image has {size}: expected at most 1 MB.',
  'icon.broken': 'The browser cannot show this image: it is damaged.',
  'icon.preview': 'How it looks',
});

/** `source`: the address of the icon, if there is one. */
function Shown({ source, large = false }) {
  const [broken, setBroken] = useState(null);
  return html`<span class=${`category-icon ${large ? 'large' : ''}`}>${source && broken !== source ? html`<img src=${source} alt="" onError=${() => setBroken(source)} />` : html`<${Icon} name="tag" />`}</span>`;
}

/** The bytes of the icon as an address of this page, so that a new one is not taken for the old. */
function useIcon(category, version) {
  const [source, setSource] = useState(null);
  useEffect(() => {
    if (!category.hasIcon) { setSource(null); return undefined; }
    const abort = new AbortController();
    let address;
    request('GET', `${named('categories', category.name)}/icon`, { headers: { accept: 'image/*' }, signal: abort.signal })
      .then((response) => response.blob())
      .then((blob) => { address = URL.createObjectURL(blob); setSource(address); }, () => {});
    return () => { abort.abort(); if (address) URL.revokeObjectURL(address); };
  }, [category.name, category.hasIcon, version]);
  return source;
}

/** The icon in a list; `version` is another object whenever icons may be others. */
export const CategoryIcon = ({ category, version }) => html`<${Shown} source=${useIcon(category, version)} />`;

export function IconDialog({ category, onClose, onChanged }) {
  const [chosen, setChosen] = useState(null);
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState(false);
  const field = useRef(null);
  const now = useIcon(category, 0);
  const name = visibleText(category.name).slice(0, 80);
  const path = `${named('categories', category.name)}/icon`;
  useEffect(() => () => { if (chosen) URL.revokeObjectURL(chosen.address); }, [chosen]);

  const onChange = async (event) => {
    const [file] = event.target.files;
    event.target.value = '';
    if (!file) return;
    setChosen(null);
    if (!TYPES.includes(file.type)) { setWrong(t('icon.type')); return; }
    if (file.size > MOST_BYTES) { setWrong(t('icon.size', { size: bytes(file.size) })); return; }
    setWrong('');
    setChosen({ file, address: URL.createObjectURL(file) });
  };
  const act = async (work, text) => {
    setBusy(true);
    setWrong('');
    try {
      await work();
      toast(t(text, { name }));
      onChanged();
      onClose();
    } catch (problem) {
      setWrong(problem.detail);
      setBusy(false);
    }
  };
  const save = () => act(() => request('PUT', path, { body: chosen.file, headers: { 'content-type': chosen.file.type } }), 'icon.saved');
  const remove = () => act(() => request('DELETE', path), 'icon.removed');
  return html`<${Dialog} title=${t('icon.title', { name })} onClose=${onClose}><div class="stack">
    <div class="icon-choice">
      ${chosen ? html`<span class="category-icon large"><img src=${chosen.address} alt=${t('icon.preview')} onError=${() => { setWrong(t('icon.broken')); setChosen(null); }} /></span>`
    : html`<${Shown} source=${now} large=${true} />`}
      <div class="stack">
        <p class="muted">${chosen ? `${visibleText(chosen.file.name).slice(0, 60)}, ${bytes(chosen.file.size)}` : category.hasIcon ? '' : t('icon.none')}</p>
        <button type="button" class="button small" onClick=${() => field.current.click()}><${Icon} name="upload" />${t('icon.choose')}</button>
        <input ref=${field} class="sr-only" type="file" accept="image/png,image/jpeg" aria-label=${t('icon.choose')} tabindex="-1" onChange=${onChange} /></div></div>
    <p class="hint">${t('icon.hint')}</p>
    ${wrong && html`<p class="notice notice-bad" role="alert"><${Icon} name="alert" /><span>${wrong}</span></p>`}
    <div class="dialog-actions">
      ${category.hasIcon && !chosen && html`<button type="button" class="button danger" disabled=${busy} onClick=${remove}>${t('icon.remove')}</button>`}
      <button type="button" class="button" onClick=${onClose}>${t('action.cancel')}</button>
      <button type="button" class="button primary" disabled=${!chosen || busy} aria-busy=${busy} onClick=${save}>${t('icon.save')}</button></div>
  </div></${Dialog}>`;
}
