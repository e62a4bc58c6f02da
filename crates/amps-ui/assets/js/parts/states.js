// What a page shows instead of its content: nothing there, not allowed, not reachable, still loading.
import { html } from '../html.js';
import { t } from '../strings.js';
import { Link, to, usePlace } from '../router.js';
import { Icon } from './icons.js';

const DRAWINGS = {
  empty: html`<circle class="draw-b" cx="40" cy="40" r="30" /><path class="draw-a" d="M70 10h60v60a60 60 0 0 1-60-60" /><path class="draw-c" d="M130 70h60a60 60 0 0 1-60-60z" /><path class="draw-line" d="M10 78h180" />`,
  search: html`<circle class="draw-b" cx="86" cy="38" r="30" /><circle class="draw-hole" cx="86" cy="38" r="17" /><path class="draw-a" d="M106 60l12-10 32 28h-24z" /><path class="draw-line" d="M10 78h180" />`,
  dead: html`<path class="draw-a" d="M20 70a40 40 0 0 1 40-40v40z" /><path class="draw-b" d="M140 70V30a40 40 0 0 1 40 40z" /><path class="draw-line" d="M72 50h12m12 0h10m12 0h12" /><path class="draw-line" d="M10 78h180" />`,
  locked: html`<path class="draw-line thick" d="M80 40V30a20 20 0 0 1 40 0v10" /><path class="draw-a" d="M64 40h72v30H64z" /><circle class="draw-c" cx="100" cy="55" r="7" /><path class="draw-line" d="M10 78h180" />`,
};

export const Drawing = ({ name }) => html`<svg class="drawing" viewBox="0 0 200 82" aria-hidden="true" focusable="false">${DRAWINGS[name]}</svg>`;

export const Empty = ({ drawing = 'empty', title, text, children }) => html`
  <div class="empty">
    <${Drawing} name=${drawing} />
    <h2>${title}</h2>
    ${text && html`<p>${text}</p>`}
    ${children && html`<div class="empty-actions">${children}</div>`}
  </div>`;

/** Why something cannot be shown, and what to do about it. */
export function Failure({ problem, reload, missing }) {
  const here = usePlace();
  if (problem.status === 401) {
    const next = to(here.path, Object.fromEntries(here.query));
    return html`<${Empty} drawing="locked" title=${t('problem.signin.title')} text=${t('problem.signin.text')}>
      <${Link} class="button primary" href=${to('/sign-in', { next })}>${t('session.signin')}</${Link}></${Empty}>`;
  }
  if (problem.status === 403) return html`<${Empty} drawing="locked" title=${t('problem.forbidden.title')} text=${problem.detail} />`;
  if (problem.status === 404 && missing) return html`<${Empty} drawing="search" ...${missing}><${Link} class="button" href="/">${t('action.back')}</${Link}></${Empty}>`;
  const retry = reload && html`<button class="button" onClick=${reload}><${Icon} name="refresh" />${t('action.retry')}</button>`;
  if (problem.isUnreachable) return html`<div role="alert"><${Empty} drawing="dead" title=${t('problem.dead.title')} text=${t('problem.dead.text')}>${retry}</${Empty}></div>`;
  const text = problem.status === 429 ? t('problem.busy') : problem.detail;
  return html`<div role="alert"><${Empty} drawing="dead" title=${t('problem.title')} text=${text}>${retry}</${Empty}></div>`;
}

/** A line above content that could not be fetched again. */
export const Stale = ({ problem, reload }) => html`
  <div class="notice notice-warn" role="alert"><${Icon} name="alert" />
    <p>${problem.isUnreachable ? t('problem.stale') : problem.detail}</p>
    <button class="button small" onClick=${reload}>${t('action.retry')}</button>
  </div>`;

/** Grey bars where text will be. */
export const Skeleton = ({ lines = 3, slow = false }) => html`
  <div class="skeleton" role="status"><span class="sr-only">${t('app.loading')}</span>
    ${Array.from({ length: lines }, (_, index) => html`<span key=${index} class=${`bar bar-${index % 4}`} />`)}
    ${slow && html`<p class="slow">${t('problem.slow')}</p>`}
  </div>`;

/** Content of a resource, or what is to be shown instead. */
export function Shown({ resource, lines, missing, children }) {
  const { data, problem, loading, slow, reload } = resource;
  if (data === undefined) {
    if (problem) return html`<${Failure} problem=${problem} reload=${reload} missing=${missing} />`;
    return html`<${Skeleton} lines=${lines} slow=${slow} />`;
  }
  return html`${problem && html`<${Stale} problem=${problem} reload=${reload} />`}<div aria-busy=${loading}>${children(data)}</div>`;
}
