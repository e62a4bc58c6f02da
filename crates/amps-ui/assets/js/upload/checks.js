// What the server says of the checks of an upload, as a list. Nothing here judges: what it has not said is waiting.
import { html } from '../html.js';
import { hasText, t } from '../strings.js';
import { Icon } from '../parts/icons.js';
import { Words } from '../parts/words.js';

const NAMES = ['format', 'structure', 'manifest', 'digest', 'architecture', 'storeSignature', 'scope', 'developerSignature', 'publication'];
const MARKS = { passed: 'check', failed: 'close', skipped: 'dash', waiting: 'clock', notReached: 'pause' };

/** What there is to say before the server has said anything. */
const NOTHING_YET = NAMES.map((check) => ({ check, verdict: 'waiting', detail: null }));

function Check({ check, verdict, detail }) {
  const hint = `check.hint.${check}.${verdict}`;
  return html`<li class=${`check check-${verdict}`} data-check=${check} data-verdict=${verdict}><${Icon} name=${MARKS[verdict]} />
    <p><span class="check-name">${t(`check.${check}`)}</span><span class=${verdict === 'skipped' ? 'check-word' : 'sr-only'}>: ${t(`check.verdict.${verdict}`)}</span>
      ${detail && verdict !== 'failed' && html` <span class="check-detail"><${Words} text=${detail} cut=${300} /></span>`}
      ${hasText(hint) && html` <span class="check-detail">${t(hint)}</span>`}</p></li>`;
}

/** The checks of an upload. When it has ended, only what the server has said of all of them. */
export function Checks({ checks, hasEnded }) {
  if (hasEnded && !(checks?.length > 0 && checks.every(({ verdict }) => verdict !== 'waiting'))) return null;
  const all = checks?.length > 0 ? checks : NOTHING_YET;
  return html`<ol class="checks" aria-label=${t('upload.checks')}>${all.map((one) => html`<${Check} key=${one.check} ...${one} />`)}</ol>`;
}
