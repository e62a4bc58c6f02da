// A form in a dialog: what was typed stays when it is refused, and what is wrong stands beside its field.
import { html, useEffect, useRef, useState } from '../html.js';
import { addTexts, t } from '../strings.js';
import { Dialog } from './dialog.js';
import { Refusal } from './refusal.js';

addTexts({ 'form.saving': 'Saving…' });

/**
 * `act` does it and may fail with a `Problem`. `fields`: the API's names of the fields that there are; `children` is called with a
 * function that says what is wrong with one of them. `check` says it before anything is sent: `{ field: text }`.
 */
export function FormDialog({ title, action, act, check, fields = [], wide = false, onClose, children }) {
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState({});
  const [problem, setProblem] = useState(null);
  const form = useRef(null);
  const isFirst = useRef(true);
  useEffect(() => {
    if (isFirst.current) { isFirst.current = false; return; }
    if (Object.keys(wrong).length > 0) form.current?.querySelector('[aria-invalid=true]')?.focus();
  }, [wrong]);
  const submit = async (event) => {
    event.preventDefault();
    if (busy) return;
    setProblem(null);
    const found = check?.() ?? {};
    setWrong(found);
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    try {
      await act();
      onClose();
    } catch (error) {
      setBusy(false);
      // What is wrong in one of several things of a field is named like `packages[1]`, and where in the body that is helps nobody here.
      const field = error.field?.replace(/\W.*$/, '');
      const detail = error.detail?.replace(/ at line \d+ column \d+$/, '');
      if (fields.includes(field)) setWrong({ [field]: detail });
      else setProblem(error);
    }
  };
  return html`<${Dialog} title=${title} onClose=${onClose} wide=${wide}>
    <form ref=${form} onSubmit=${submit} class="stack" novalidate>
      ${children((name) => wrong[name])}
      <${Refusal} problem=${problem} />
      <div class="dialog-actions">
        <button type="button" class="button" onClick=${onClose}>${t('action.cancel')}</button>
        <button type="submit" class="button primary" aria-busy=${busy}>${busy ? t('form.saving') : action}</button>
      </div>
    </form></${Dialog}>`;
}
