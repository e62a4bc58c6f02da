// For how long something still holds, in words: certificates, revocation lists, tokens.
import { html } from '../html.js';
import { addTexts, counted, t } from '../strings.js';
import { exact } from '../format.js';
import { Badge } from '../parts/badge.js';

const DAY_MS = 86400000;
/** From here on somebody should do something; that of `amps doctor`. */
const SOON_DAYS = 30;
const YEAR_DAYS = 365.25;

addTexts({
  'standing.expired': 'Expired',
  'standing.later': 'Not valid yet',
  'standing.today': 'Expires today',
  'standing.soon.one': 'Expires in {count} day',
  'standing.soon.other': 'Expires in {count} days',
  'standing.years.one': '{count} year left',
  'standing.years.other': '{count} years left',
  'standing.ok.one': '{count} day left',
  'standing.ok.other': '{count} days left',
});

export const daysLeft = (until, now = Date.now()) => Math.floor((Date.parse(until) - now) / DAY_MS);

/** The one that ends first. */
export const soonest = (all) => [...(all ?? [])].sort((left, right) => Date.parse(left.notAfter) - Date.parse(right.notAfter))[0];

/** `soonDays`: from how many days on it is a warning. */
export function StandingBadge({ from, until, soonDays = SOON_DAYS }) {
  const now = Date.now();
  const days = daysLeft(until, now);
  if (Date.parse(until) <= now) return html`<${Badge} tone="bad" icon="alert" title=${exact(until)}>${t('standing.expired')}</${Badge}>`;
  if (from && Date.parse(from) > now) return html`<${Badge} tone="warn" icon="clock" title=${exact(from)}>${t('standing.later')}</${Badge}>`;
  if (days > soonDays) {
    // Nobody counts the days of ten years.
    const left = days > 2 * YEAR_DAYS ? counted('standing.years', Math.floor(days / YEAR_DAYS)) : counted('standing.ok', days);
    return html`<${Badge} tone="ok" icon="check" title=${exact(until)}>${left}</${Badge}>`;
  }
  return html`<${Badge} tone="warn" icon="clock" title=${exact(until)}>${days < 1 ? t('standing.today') : counted('standing.soon', days)}</${Badge}>`;
}
