// A box that is ticked or not, with what it means.
import { html, useId } from '../html.js';

export function CheckField({ label, hint, checked, onChange, ...input }) {
  const id = useId();
  return html`<div class="check-field">
    <input id=${id} type="checkbox" checked=${checked} aria-describedby=${hint ? `${id}-hint` : undefined} onChange=${(event) => onChange(event.target.checked)} ...${input} />
    <label for=${id}>${label}</label>
    ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}</div>`;
}
