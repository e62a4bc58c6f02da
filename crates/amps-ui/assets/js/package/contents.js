// What is in a release: its files, a page at a time.
import { html } from '../html.js';
import { useListing } from '../listing.js';
import { counted, hasText, t } from '../strings.js';
import { bytes } from '../format.js';
import { Empty, Shown } from '../parts/states.js';
import { Words } from '../parts/words.js';
import { Icon } from '../parts/icons.js';
import { More } from '../parts/more.js';

const ICONS = { directory: 'folder', symlink: 'link' };
const modeText = (mode) => (typeof mode === 'number' ? (mode & 0o7777).toString(8).padStart(4, '0') : mode ?? '');

export function Contents({ sequence }) {
  const listing = useListing(`/releases/${sequence}/contents`, 250);
  return html`<${Shown} resource=${listing} lines=${6}>${(data) => {
    if (listing.items.length === 0) return html`<${Empty} title=${t('contents.none')} />`;
    const hasModes = listing.items.some((entry) => entry.mode !== undefined && entry.mode !== null);
    const total = data.total ?? listing.items.length;
    return html`<p class="muted view-note">${counted('contents.count', total)}</p>
      <div class="table-scroll" tabindex="0" role="region" aria-label=${t('package.contents')}><table class="data contents">
        <thead><tr><th scope="col">${t('contents.column.path')}</th><th scope="col">${t('contents.column.type')}</th>${hasModes && html`<th scope="col">${t('contents.column.mode')}</th>`}<th scope="col" class="number">${t('contents.column.size')}</th></tr></thead>
        <tbody>${listing.items.map((entry) => html`<tr key=${entry.path}>
          <th scope="row"><span class="path"><${Icon} name=${ICONS[entry.type] ?? 'file'} /><span class="mono"><${Words} text=${entry.path} /></span></span>
            ${entry.target && html`<span class="muted small"><${Words} text=${t('contents.leadsto', { target: entry.target })} /></span>`}</th>
          <td>${hasText(`contents.${entry.type}`) ? t(`contents.${entry.type}`) : entry.type}</td>
          ${hasModes && html`<td class="mono">${modeText(entry.mode)}</td>`}
          <td class="number">${entry.type === 'file' ? bytes(entry.sizeBytes) : ''}</td></tr>`)}</tbody></table></div>
      <${More} listing=${{ ...listing, total }} />`;
  }}</${Shown}>`;
}
