// Numbers, sizes and times for people.
import { locale, number } from './strings.js';

export { number };

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
// By digits behind the point.
const fixed = [0, 1, 2].map((digits) => new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }));

/** Bytes with three significant digits, in powers of 1000. */
export function bytes(count) {
  if (!Number.isFinite(count) || count < 0) return '–';
  let unit = 0;
  let value = count;
  while (value >= 999.5 && unit < UNITS.length - 1) { value /= 1000; unit += 1; }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${fixed[digits].format(value)}\u00a0${UNITS[unit]}`;
}

const exactTime = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'medium' });
const shortDay = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' });
const dayOfPlot = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' });
const ago = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
const STEPS = [[60, 'second'], [60, 'minute'], [24, 'hour'], [30, 'day']];

export function exact(text) {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? String(text) : exactTime.format(date);
}

export function day(text) {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? String(text) : shortDay.format(date);
}

/** A day of the plot; days are UTC's. */
export const utcDay = (text) => dayOfPlot.format(new Date(`${text}T00:00:00Z`));

/** How long ago something was, or the day if that is long ago. */
export function relative(text, now = Date.now()) {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) return String(text);
  let value = (date.getTime() - now) / 1000;
  if (Math.abs(value) < 45) return ago.format(0, 'second');
  for (const [size, unit] of STEPS) {
    if (Math.abs(value) < size) return ago.format(Math.round(value), unit);
    value /= size;
  }
  return shortDay.format(date);
}

/** A time that something takes. */
export function duration(seconds) {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
}
