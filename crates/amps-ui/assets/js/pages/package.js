// A package: what it is, its releases, and views of one release. Which view and which release stand in the address.
import { html, useEffect, useRef, useState } from '../html.js';
import { useResource } from '../resource.js';
import { counted, t } from '../strings.js';
import { Link, navigate, packagePath, to, usePlace } from '../router.js';
import { bytes, exact, relative } from '../format.js';
import { inLanguage, languageName, nameOf, visibleText } from '../words.js';
import { may, useSession } from '../session.js';
import { Page } from '../parts/page.js';
import { Shown } from '../parts/states.js';
import { PackageIcon } from '../parts/package-icon.js';
import { SignatureBadge } from '../parts/badge.js';
import { Words } from '../parts/words.js';
import { CopyButton } from '../parts/copy.js';
import { Icon } from '../parts/icons.js';
import { Architectures } from '../parts/package-table.js';
import '../package/texts.js';
import { Releases } from '../package/releases.js';
import { Contents } from '../package/contents.js';
import { Manifest } from '../package/manifest.js';
import { SignatureDetails } from '../package/signature.js';
import { Downloads } from '../package/downloads.js';
import { DeviceCheck } from '../package/device-check.js';
import { RemovePackage } from '../package/remove.js';

const VIEWS = [
  ['releases', Releases],
  ['contents', Contents],
  ['manifest', Manifest],
  ['signature', SignatureDetails],
  ['downloads', Downloads],
  ['device', DeviceCheck],
];
/** Views of one release. */
const OF_RELEASE = ['contents', 'manifest', 'signature'];

function OtherNames({ names, shown }) {
  const others = Object.entries(names).filter(([language]) => language.replace('_', '-') !== shown);
  if (others.length === 0) return null;
  return html`<details class="other-names"><summary>${t('package.names')} (${others.length})</summary>
    <dl>${others.slice(0, 100).map(([language, name]) => html`<div key=${language}><dt>${languageName(language)}</dt><dd><${Words} text=${name} language=${language.replace('_', '-')} cut=${200} /></dd></div>`)}</dl></details>`;
}

function Description({ release }) {
  const [whole, setWhole] = useState(false);
  const description = inLanguage(release?.descriptions);
  if (!description) return null;
  const isLong = description.text.length > 400;
  return html`<p class="description"><${Words} text=${description.text} language=${description.language} cut=${whole ? 0 : 400} />
    ${isLong && html` <button class="button quiet small" aria-expanded=${whole} onClick=${() => setWhole(!whole)}>${t(whole ? 'package.less' : 'package.more')}</button>`}</p>`;
}

function Head({ item, release }) {
  const name = nameOf(item);
  const { latest } = item;
  return html`<span class="package-head">
    <${PackageIcon} id=${item.id} release=${latest.hasIcon ? latest.sequence : null} large />
    <span class="package-title"><${Words} text=${name.text} language=${name.language} cut=${100} /></span></span>`;
}

function Facts({ item }) {
  const { latest } = item;
  const facts = [
    ['releases.column.version', latest.version ? html`<${Words} text=${latest.version} cut=${30} />` : t('version.none'), 'package.latest'],
    ['releases.column.uploaded', html`<time datetime=${latest.uploadedAt} title=${exact(latest.uploadedAt)}>${relative(latest.uploadedAt)}</time>`],
    ['browse.column.architecture', html`<${Architectures} names=${item.architectures} />`],
    ['releases.column.signature', html`<${SignatureBadge} developer=${latest.developer} />`],
    ['package.size', html`${bytes(item.sizeBytes)} <span class="muted small">${counted('browse.releases', item.releaseCount)}</span>`],
  ];
  return html`<dl class="fact-row">${facts.map(([key, value]) => html`<div key=${key}><dt>${t(key)}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function ReleaseChoice({ releases, chosen, view, id }) {
  const go = (event) => navigate(to(packagePath(id), { view, release: event.target.value }), { replace: true });
  const label = (release) => [visibleText(release.version || t('version.none')).slice(0, 40), release.architecture, ...release.tags.slice(0, 3)].join(' · ');
  return html`<label class="choice release-choice"><span>${t('package.release')}</span>
    <select name="release" value=${String(chosen)} onChange=${go}>${releases.every((release) => release.sequence !== chosen) && html`<option value=${String(chosen)} selected>${`#${chosen}`}</option>`}${releases.map((release) => html`<option key=${release.sequence} value=${String(release.sequence)} selected=${release.sequence === chosen}>${label(release)}</option>`)}</select>
    <${Icon} name="more" /></label>`;
}

function Views({ item, etag, release, query, reload }) {
  const view = VIEWS.some(([name]) => name === query.get('view')) ? query.get('view') : 'releases';
  const [, View] = VIEWS.find(([name]) => name === view);
  const releases = useResource(`/packages/${encodeURIComponent(item.id)}/releases?limit=500`);
  const isOfRelease = OF_RELEASE.includes(view);
  const path = packagePath(item.id);
  const kept = query.get('release') ?? '';
  const bar = useRef(null);
  useEffect(() => {
    // On a phone not all fit.
    const current = bar.current?.querySelector('[aria-current]');
    if (current) bar.current.scrollLeft += current.getBoundingClientRect().left - bar.current.getBoundingClientRect().left - 24;
  }, [view]);
  return html`
    <nav ref=${bar} class="views" aria-label=${t('package.views')}><ul>${VIEWS.map(([name]) => html`
      <li key=${name}><${Link} href=${to(path, { view: name === 'releases' ? '' : name, release: kept })} aria-current=${name === view ? 'page' : undefined}>${t(`package.${name}`)}</${Link}></li>`)}</ul></nav>
    <section class="view" aria-label=${t(`package.${view}`)}>
      <${Shown} resource=${releases} lines=${4}>${(data) => {
    // Of very many releases, the oldest are not among those that can be chosen; the list leads to them.
    const isLeftOut = Boolean(data.nextCursor) && Number(kept) > 0;
    const chosen = isLeftOut || data.items.some((one) => one.sequence === Number(kept)) ? Number(kept) : item.latest.sequence;
    return html`
        ${isOfRelease && data.items.length > 1 && html`<${ReleaseChoice} releases=${data.items} chosen=${chosen} view=${view} id=${item.id} />`}
        <${View} key=${view} item=${item} releases=${data.items} total=${data.total} sequence=${chosen} query=${query} reload=${() => { releases.reload(); reload(); }} />`;
  }}</${Shown}>
    </section>`;
}

export default function Package({ id }) {
  const { query } = usePlace();
  const who = useSession();
  const [removing, setRemoving] = useState(false);
  const found = useResource(`/packages/${encodeURIComponent(id)}`);
  const latest = useResource(found.data ? `/releases/${found.data.latest.sequence}` : null);
  const item = found.data;
  const name = item ? nameOf(item).text : id;
  const missing = { title: t('package.missing.title'), text: t('package.missing.text', { id: visibleText(id).slice(0, 200) }) };
  const remove = item && may(who, 'remove') && html`<button class="button danger" onClick=${() => setRemoving(true)}><${Icon} name="trash" />${t('package.remove')}</button>`;
  return html`<${Page} title=${name} class="package" heading=${item ? html`<${Head} item=${item} />` : html`<${Words} text=${id} cut=${120} />`}
      lead=${item && html`<span class="id-line"><code dir="ltr"><${Words} text=${item.id} /></code><${CopyButton} text=${item.id} label=${t('package.copyid')} /></span>`}
      actions=${remove}>
    <${Shown} resource=${found} lines=${6} missing=${missing}>${(data) => html`
      <${Description} release=${latest.data} />
      <${OtherNames} names=${data.names} shown=${nameOf(data).language} />
      <${Facts} item=${data} />
      <${Views} item=${data} etag=${found.etag} release=${latest.data} query=${query} reload=${found.reload} />
      ${remove && html`<div class="package-end">${remove}</div>`}
      ${removing && html`<${RemovePackage} item=${data} etag=${found.etag} onStale=${found.reload} onClose=${() => setRemoving(false)} />`}`}</${Shown}>
  </${Page}>`;
}
