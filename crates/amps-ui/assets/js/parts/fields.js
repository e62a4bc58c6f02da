// Fields of forms, each with its label, a hint and what is wrong with it.
import { html, useId } from '../html.js';
import { Icon } from './icons.js';

export function Field({ label, hint, error, children, class: extra = '' }) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined;
  return html`<div class=${`field ${extra}`}>
    <label for=${id}>${label}</label>
    ${children({ id, 'aria-describedby': described, 'aria-invalid': error ? 'true' : undefined })}
    ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
    ${error && html`<p class="error" id=${`${id}-error`}>${error}</p>`}
  </div>`;
}

/** A line of text. */
export const TextField = ({ label, hint, error, class: extra, ...input }) => html`
  <${Field} label=${label} hint=${hint} error=${error} class=${extra}>${(names) => html`<input class="input" ...${names} ...${input} />`}</${Field}>`;

/** A line of text with suggestions, for what is too much to choose from. */
export function SuggestField({ suggestions, ...field }) {
  const id = useId();
  return html`<${TextField} ...${field} list=${id} /><datalist id=${id}>${suggestions.map((text) => html`<option key=${text} value=${text} />`)}</datalist>`;
}

/** One of several; `options` are `[value, text]`. */
export const SelectField = ({ label, hint, error, options, value, class: extra, ...select }) => html`
  <${Field} label=${label} hint=${hint} error=${error} class=${extra}>${(names) => html`
    <span class="select"><select ...${names} ...${select} value=${value}>
      ${options.map(([key, text]) => html`<option key=${key} value=${key} selected=${key === value}>${text}</option>`)}
    </select><${Icon} name="more" /></span>`}</${Field}>`;
