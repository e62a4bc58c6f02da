// The list of packages: a table, which a narrow window shows as cards. The roles stand there because styles take them away.
import { html, useMemo } from '../html.js';
import { counted, t } from '../strings.js';
import { Link, packagePath } from '../router.js';
import { bytes, exact, relative } from '../format.js';
import { nameOf, visibleText } from '../words.js';
import { PackageIcon } from './package-icon.js';
import { Chip, SignatureBadge } from './badge.js';
import { Words } from './words.js';

const MOST_CHIPS = 4;

export const Architectures = ({ names }) => html`<span class="chips">${names.slice(0, MOST_CHIPS).map((name) => html`<${Chip} key=${name} text=${name === 'all' ? t('arch.all') : name} />`)}${names.length > MOST_CHIPS && html`<span class="chip">+${names.length - MOST_CHIPS}</span>`}</span>`;

const unique = (texts) => [...new Set(texts.filter(Boolean))];

function Labels({ release }) {
  const tags = release.tags ?? [];
  const categories = unique([release.storeCategory, ...(release.categories ?? [])]);
  const all = [...tags.map((text) => ['tag', text]), ...categories.map((text) => ['category', text])];
  return html`<span class="chips">${all.slice(0, MOST_CHIPS).map(([kind, text]) => html`<span key=${kind + text} class=${`chip ${kind}`} title=${`${t(`browse.${kind}`)}: ${visibleText(text).slice(0, 200)}`}><${Words} text=${text} cut=${24} /></span>`)}
    ${all.length > MOST_CHIPS && html`<span class="chip" title=${all.slice(MOST_CHIPS).map(([, text]) => visibleText(text)).join(', ').slice(0, 500)}>+${all.length - MOST_CHIPS}</span>`}</span>`;
}

function Cells({ item }) {
  const { latest } = item;
  const name = nameOf(item);
  return html`<tr role="row">
    <th scope="row" role="rowheader" class="cell-name"><span class="name-cell">
      <${PackageIcon} id=${item.id} release=${latest.hasIcon ? latest.sequence : null} />
      <span class="name-lines">
        <${Link} href=${packagePath(item.id)} class="row-link"><${Words} text=${name.text} language=${name.language} cut=${90} /></${Link}>
        <span class="id"><${Words} text=${item.id} /></span>
      </span></span>
    </th>
    <td role="cell" class="cell-version"><span class="version">${latest.version ? html`<${Words} text=${latest.version} cut=${24} />` : html`<span class="muted">${t('version.none')}</span>`}</span>
      ${item.releaseCount > 1 && html`<span class="muted small">${counted('browse.releases', item.releaseCount)}</span>`}</td>
    <td role="cell" class="cell-arch"><${Architectures} names=${item.architectures} /></td>
    <td role="cell" class="cell-labels"><${Labels} release=${latest} />${latest.vendor && html`<span class="muted small"><${Words} text=${latest.vendor} cut=${40} /></span>`}</td>
    <td role="cell" class="cell-signature">${'developer' in latest && html`<${SignatureBadge} developer=${latest.developer} />`}</td>
    <td role="cell" class="cell-size number">${bytes(item.sizeBytes)}</td>
    <td role="cell" class="cell-uploaded"><time datetime=${latest.uploadedAt} title=${exact(latest.uploadedAt)}>${relative(latest.uploadedAt)}</time></td>
  </tr>`;
}

/** Drawn once: when more come, those that are there need not be looked at. */
const Row = ({ item }) => useMemo(() => html`<${Cells} item=${item} />`, [item]);

export const PackageTable = ({ packages }) => html`<table class="packages" role="table">
  <caption class="sr-only">${t('browse.title')}</caption>
  <thead role="rowgroup"><tr role="row">
    ${['name', 'version', 'architecture', 'labels', 'signature', 'size', 'uploaded'].map((column) => html`<th key=${column} scope="col" role="columnheader" class=${`head-${column}`}>${t(`browse.column.${column}`)}</th>`)}
  </tr></thead>
  <tbody role="rowgroup">${packages.map((item) => html`<${Row} key=${item.id} item=${item} />`)}</tbody></table>`;
