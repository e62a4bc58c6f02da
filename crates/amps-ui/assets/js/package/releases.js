// The releases of a package, and what can be done with each.
import { html, useState } from '../html.js';
import { useListing } from '../listing.js';
import { t } from '../strings.js';
import { Link, packagePath, to } from '../router.js';
import { bytes, exact, relative } from '../format.js';
import { visibleText } from '../words.js';
import { may, useSession } from '../session.js';
import { SignatureBadge } from '../parts/badge.js';
import { Words } from '../parts/words.js';
import { Icon } from '../parts/icons.js';
import { More } from '../parts/more.js';
import { RemoveRelease } from './remove.js';
import { DownloadButton } from './download.js';

const COLUMNS = ['version', 'architecture', 'tags', 'signature', 'size', 'uploaded'];

function Row({ item, release, isLatest, mayRemove, onRemove }) {
  const version = visibleText(release.version || t('version.none')).slice(0, 60);
  return html`<tr role="row">
    <th scope="row" role="rowheader" class="release-version"><${Link} href=${to(packagePath(item.id), { view: 'signature', release: release.sequence })}><${Words} text=${release.version || t('version.none')} cut=${40} /></${Link}>
      ${isLatest && html`<span class="badge badge-quiet"><span>${t('package.latest')}</span></span>`}</th>
    <td role="cell"><span class="chip"><${Words} text=${release.architecture === 'all' ? t('arch.all') : release.architecture} /></span></td>
    <td role="cell" class="release-tags"><span class="chips">
      ${release.tags.map((tag) => html`<span key=${tag} class="chip tag"><${Words} text=${tag} cut=${40} /></span>`)}
      ${release.conflicts.map((tag) => html`<span key=${`!${tag}`} class="chip"><${Words} text=${t('releases.conflicts', { tag })} cut=${50} /></span>`)}</span></td>
    <td role="cell" class="release-signature">${'developer' in release && html`<${SignatureBadge} developer=${release.developer} />`}</td>
    <td role="cell" class="number">${bytes(release.sizeBytes)}</td>
    <td role="cell" class="release-when"><time datetime=${release.uploadedAt} title=${exact(release.uploadedAt)}>${relative(release.uploadedAt)}</time></td>
    <td role="cell" class="row-actions">
      <${DownloadButton} release=${release} name=${version} />
      ${mayRemove && html`<button class="icon-button" aria-label=${`${t('release.remove')} ${version}, ${release.architecture}`} title=${t('release.remove')} onClick=${() => onRemove(release)}><${Icon} name="trash" /></button>`}
    </td></tr>`;
}

export function Releases({ item, reload }) {
  const who = useSession();
  const [removing, setRemoving] = useState(null);
  const listing = useListing(`/packages/${encodeURIComponent(item.id)}/releases`, 100);
  return html`<table class="data releases" role="table">
    <caption class="sr-only">${t('package.releases')}</caption>
    <thead role="rowgroup"><tr role="row">${COLUMNS.map((column) => html`<th key=${column} scope="col" role="columnheader" class=${column === 'size' ? 'number' : undefined}>${t(`releases.column.${column}`)}</th>`)}<th scope="col" role="columnheader"><span class="sr-only">${t('package.actions')}</span></th></tr></thead>
    <tbody role="rowgroup">${listing.items.map((release) => html`<${Row} key=${release.sequence} item=${item} release=${release} isLatest=${release.sequence === item.latest.sequence} mayRemove=${may(who, 'remove')} onRemove=${setRemoving} />`)}</tbody></table>
    <${More} listing=${listing} />
    ${removing && html`<${RemoveRelease} release=${removing} isLast=${item.releaseCount === 1} onClose=${() => setRemoving(null)} onRemoved=${() => { listing.reload(); reload(); }} />`}`;
}
