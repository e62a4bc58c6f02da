// Small words with a meaning: chips for what is said of a thing, badges for how it stands.
import { html } from '../html.js';
import { t } from '../strings.js';
import { day } from '../format.js';
import { subjectName, visibleText } from '../words.js';
import { Icon } from './icons.js';
import { Words } from './words.js';

/** `tone` is `ok`, `warn`, `bad` or `quiet`. */
export const Badge = ({ tone = 'quiet', icon, title, children }) => html`
  <span class=${`badge badge-${tone}`} title=${title}>${icon && html`<${Icon} name=${icon} />`}<span>${children}</span></span>`;

export const Chip = ({ text, cut = 28 }) => html`<span class="chip"><${Words} text=${text} cut=${cut} /></span>`;

const STATES = {
  valid: ['ok', 'check'],
  expired: ['warn', 'alert'],
  notYetValid: ['warn', 'clock'],
  signed: ['ok', 'check'],
};

/** Who has signed a release, and whether that holds. */
export function SignatureBadge({ developer, withName = true }) {
  if (!developer) return html`<${Badge} tone="quiet" icon="dash">${t('signature.unsigned')}</${Badge}>`;
  const state = STATES[developer.validity] ? developer.validity : 'signed';
  const [tone, icon] = STATES[state];
  const title = `${visibleText(developer.subject)} · ${t('sig.range', { from: day(developer.notBefore), until: day(developer.notAfter) })}`;
  return html`<span class="signature">
    <${Badge} tone=${tone} icon=${icon} title=${title}>${t(`signature.${state}`)}</${Badge}>
    ${withName && html`<span class="signature-name"><${Words} text=${subjectName(developer.subject)} cut=${40} /></span>`}
  </span>`;
}
