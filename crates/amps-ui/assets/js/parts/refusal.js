// Why something that was asked for in a dialog was not done; if somebody else was faster, what it is by now.
import { html } from '../html.js';
import { addTexts, hasText, t } from '../strings.js';
import { subjectName, visibleText } from '../words.js';
import { Icon } from './icons.js';
import { Words } from './words.js';

addTexts({
  'refusal.changed': 'Somebody has changed it in the meantime. Nothing was done; what you have entered is still here.',
  'refusal.now': 'This is how it is now:',
  'refusal.again': 'Do it again if you still want to, or cancel.',
  'refusal.yes': 'yes',
  'refusal.no': 'no',
  'refusal.none': 'none',
  'refusal.field.name': 'Name',
  'refusal.field.user': 'User',
  'refusal.field.certificate': 'Certificate',
  'refusal.field.isActive': 'May sign in',
  'refusal.field.isStaff': 'Administrator',
  'refusal.field.hasIcon': 'Icon',
});

function value(key, now) {
  if (typeof now === 'boolean') return t(now ? 'refusal.yes' : 'refusal.no');
  if (now === null || now === undefined || now === '') return t('refusal.none');
  return html`<${Words} text=${now.subject ? subjectName(now.subject) : now} cut=${120} />`;
}

const label = (key) => (hasText(`refusal.field.${key}`) ? t(`refusal.field.${key}`) : visibleText(key));

/** `problem` is null as long as all is well. */
export function Refusal({ problem }) {
  if (!problem) return null;
  if (problem.status !== 412) return html`<p class="notice notice-bad" role="alert"><${Icon} name="alert" /><span>${problem.detail || t('problem.title')}</span></p>`;
  const { changes } = problem;
  return html`<div class="notice notice-warn refusal" role="alert"><${Icon} name="alert" /><div>
    <p>${t('refusal.changed')}</p>
    ${changes && html`<p>${t('refusal.now')}</p><dl>${changes.map(([key, now]) => html`<div key=${key}><dt>${label(key)}</dt><dd>${value(key, now)}</dd></div>`)}</dl>`}
    <p>${t('refusal.again')}</p></div></div>`;
}
