// Who has signed a release, and what the signature is made over.
import { html } from '../html.js';
import { useResource } from '../resource.js';
import { hasText, t } from '../strings.js';
import { day, exact } from '../format.js';
import { Shown } from '../parts/states.js';
import { SignatureBadge } from '../parts/badge.js';
import { Words } from '../parts/words.js';
import { CopyButton } from '../parts/copy.js';
import { Icon } from '../parts/icons.js';

const Hash = ({ text }) => html`<span class="hash"><code dir="ltr">${text}</code><${CopyButton} text=${text} /></span>`;

function Facts({ facts }) {
  return html`<dl class="facts">${facts.filter(([, value]) => value !== null && value !== undefined && value !== '').map(([key, value]) => html`<dt key=${key}>${t(key)}</dt><dd key=${`${key}-value`}>${value}</dd>`)}</dl>`;
}

function Developer({ developer }) {
  if (!developer) return html`<div class="unsigned"><p class="unsigned-title">${t('sig.none.title')}</p><p class="muted">${t('sig.none.text')}</p></div>`;
  return html`<${Facts} facts=${[
    ['sig.subject', html`<${Words} text=${developer.subject} />`],
    ['sig.valid', html`<span class="chips"><${SignatureBadge} developer=${developer} withName=${false} /><span title=${`${exact(developer.notBefore)} – ${exact(developer.notAfter)}`}>${t('sig.range', { from: day(developer.notBefore), until: day(developer.notAfter) })}</span></span>`],
    ['sig.verified', typeof developer.verified === 'boolean' ? t(developer.verified ? 'sig.verified.yes' : 'sig.verified.no') : null],
    ['sig.serial', developer.serial && html`<${Hash} text=${developer.serial} />`],
    ['sig.fingerprint', developer.sha256 && html`<${Hash} text=${developer.sha256} />`],
  ]} />`;
}

export function SignatureDetails({ sequence }) {
  const found = useResource(`/releases/${sequence}`, { keep: false });
  return html`<${Shown} resource=${found} lines=${6}>${(release) => html`<div class="panels">
    <section class="card panel"><h2><${Icon} name="shield" />${t('sig.developer')}</h2><${Developer} developer=${release.developer} /></section>
    <section class="card panel"><h2><${Icon} name="box" />${t('sig.package')}</h2><${Facts} facts=${[
    ['sig.digest', html`<${Hash} text=${release.digest} />`],
    ['sig.sha256', html`<${Hash} text=${release.sha256} />`],
    ['sig.fits', hasText(`sig.fits.${release.digestFits}`) ? t(`sig.fits.${release.digestFits}`) : release.digestFits],
    ['sig.format', release.formatVersion],
    ['sig.store', t(release.hasStoreSignature ? 'sig.yes' : 'sig.no')],
    ['releases.column.uploaded', html`<span>${exact(release.uploadedAt)}${release.uploadedBy && html` <span class="muted"><${Words} text=${t('releases.uploadedby', { who: release.uploadedBy })} cut=${160} /></span>`}</span>`],
  ]} /></section></div>`}</${Shown}>`;
}
