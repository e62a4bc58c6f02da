// One value of several, as a pill: a list to choose from or, where that would be too long to look through, a field with suggestions.
import { html, useEffect, useId, useMemo, useState } from '../html.js';
import { t } from '../strings.js';
import { Icon } from './icons.js';

/** Longer lists are typed into. */
const MOST_OPTIONS = 100;

/** `options` are `[value, text]`; `usual` is the value that means no choice. */
export function Choice({ name, label, options, value, usual = '', onChoose }) {
  const list = useMemo(() => options.map(([key, text]) => html`<option key=${key} value=${key} selected=${key === value}>${text}</option>`), [options, value]);
  return html`<label class=${`choice ${value === usual ? '' : 'chosen'}`}><span>${label}</span>
    <select value=${value} onChange=${(event) => onChoose(event.target.value)} name=${name}>${list}</select>
    <${Icon} name="more" /></label>`;
}

/** `suggestions` are `[value, text]`; what is none of them can be typed, too. */
export function TypedChoice({ name, label, suggestions, value, onChoose }) {
  const [typed, setTyped] = useState(value);
  const id = useId();
  // The address may change by other means, like the button back.
  useEffect(() => setTyped(value), [value]);
  const list = useMemo(() => html`<datalist id=${id}>${suggestions.map(([key, text]) => html`<option key=${key} value=${key}>${text}</option>`)}</datalist>`, [suggestions, id]);
  const apply = (text) => { if (text.trim() !== value) onChoose(text.trim()); };
  const onInput = (event) => {
    setTyped(event.target.value);
    // Chosen and not typed: there is no key to wait for.
    if (event.inputType === 'insertReplacementText' || event.inputType === undefined) apply(event.target.value);
  };
  return html`<label class=${`choice ${value ? 'chosen' : ''}`}><span>${label}</span>
    <input name=${name} list=${id} value=${typed} placeholder=${t('browse.any')} onInput=${onInput} onChange=${(event) => apply(event.target.value)}
      onKeyDown=${(event) => { if (event.key === 'Enter') apply(event.target.value); }} dir="auto" autocomplete="off" spellcheck=${false} maxlength="200" />
    <${Icon} name="more" />${list}</label>`;
}

export const isTooLong = (options) => options.length > MOST_OPTIONS;
