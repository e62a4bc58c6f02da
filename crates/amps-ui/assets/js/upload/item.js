// One upload: its progress, then the verdict.
import { html } from '../html.js';
import { hasText, t } from '../strings.js';
import { Link, packagePath } from '../router.js';
import { bytes, duration } from '../format.js';
import { nameOf, visibleText } from '../words.js';
import { Icon } from '../parts/icons.js';
import { Badge } from '../parts/badge.js';
import { Words } from '../parts/words.js';
import { PackageIcon } from '../parts/package-icon.js';
import { cancel, dismiss, hasEnded, retry } from './queue.js';
import { Checks } from './checks.js';

function Progress({ upload }) {
  const { file, sent, speed, checked } = upload;
  const left = speed > 0 ? t('upload.left', { time: duration((file.size - sent) / speed) }) : '';
  const words = {
    waiting: t('upload.waiting'),
    starting: t('upload.starting'),
    verifying: t('upload.verifying'),
    reconnecting: t('upload.reconnecting', { seconds: upload.retryIn ?? 0 }),
  }[upload.state];
  const isVerified = upload.state === 'verifying';
  const done = isVerified ? checked || undefined : upload.state === 'starting' ? undefined : sent;
  return html`<div class="progress">
    <progress max=${file.size} value=${done} aria-label=${t('upload.of', { name: visibleText(file.name) })} />
    <p class=${`progress-words ${upload.state === 'reconnecting' ? 'warn' : ''}`}><span>${words ?? t('upload.progress', { sent: bytes(sent), total: bytes(file.size) })}</span>
      ${upload.state === 'sending' && html`<span>${[speed > 0 && t('upload.speed', { speed: bytes(speed) }), left, upload.resumed && t('upload.resumed')].filter(Boolean).join(' · ')}</span>`}</p></div>`;
}

/** What went wrong in the server's words, and what to do about it in ours. */
function Verdict({ upload }) {
  const { problem } = upload;
  if (problem.code === 'empty') return html`<p class="notice notice-bad"><${Icon} name="alert" /><span>${t('upload.empty')}</span></p>`;
  const advice = hasText(`advice.${problem.code}`) ? t(`advice.${problem.code}`) : t('advice.other');
  return html`<div class="advice"><p class="advice-what"><span class="mono chip">${problem.code}</span> <${Words} text=${problem.detail} cut=${1000} /></p><p>${advice}</p></div>`;
}

function Published({ release }) {
  if (!release.id) return null;
  return html`<p class="published"><${PackageIcon} id=${release.id} release=${release.icon ? release.sequence : null} />
    <span class="name-lines"><${Link} class="published-name" href=${packagePath(release.id)}><${Words} ...${nameOf(release)} cut=${80} /></${Link}>
    <span class="id"><${Words} text=${[release.id, release.version, release.architecture].filter(Boolean).join(' · ')} /></span></span></p>`;
}

const BADGES = { published: ['ok', 'check'], refused: ['bad', 'close'], failed: ['bad', 'alert'], cancelled: ['quiet', 'dash'] };

export function UploadItem({ upload }) {
  const { file, state } = upload;
  const name = visibleText(file.name);
  const [tone, icon] = BADGES[state] ?? [];
  return html`<li class=${`card upload-item upload-${state}`}>
    <div class="upload-head">
      <p class="upload-name"><${Words} text=${file.name} cut=${120} /> <span class="muted small">${bytes(file.size)}</span></p>
      ${tone && html`<${Badge} tone=${tone} icon=${icon}>${t(`upload.${state}`)}</${Badge}>`}
      ${state === 'failed' && file.size > 0 && html`<button class="button small" onClick=${() => retry(upload.id)}>${t('upload.retry')}</button>`}
      ${hasEnded(upload)
    ? html`<button class="icon-button small" aria-label=${t('upload.dismiss', { name })} onClick=${() => dismiss(upload.id)}><${Icon} name="close" /></button>`
    : html`<button class="button small" aria-label=${t('upload.cancel', { name })} onClick=${() => cancel(upload.id)}>${t('action.cancel')}</button>`}
    </div>
    ${!hasEnded(upload) && html`<${Progress} upload=${upload} />`}
    ${state === 'published' && html`<${Published} release=${upload.release} />`}
    ${(state === 'refused' || state === 'failed') && html`<${Verdict} upload=${upload} />`}
    ${state !== 'cancelled' && state !== 'waiting' && file.size > 0 && html`<${Checks} checks=${upload.checks} hasEnded=${hasEnded(upload)} />`}
  </li>`;
}
