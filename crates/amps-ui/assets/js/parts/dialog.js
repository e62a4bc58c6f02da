// Questions that have to be answered: the browser's own dialog, which keeps the focus and closes with Escape.
import { html, useEffect, useRef, useState, useId } from '../html.js';
import { t } from '../strings.js';
import { Icon } from './icons.js';
import { Refusal } from './refusal.js';

export function Dialog({ title, onClose, children, danger = false, wide = false }) {
  const element = useRef(null);
  const label = useId();
  useEffect(() => {
    const { current } = element;
    const before = document.activeElement;
    if (!current.open) current.showModal();
    return () => {
      if (current.open) current.close();
      if (before?.isConnected) before.focus();
    };
  }, []);
  const onClick = (event) => { if (event.target === element.current) onClose(); };
  return html`<dialog ref=${element} class=${`dialog ${danger ? 'danger' : ''} ${wide ? 'wide' : ''}`} aria-labelledby=${label} onCancel=${(event) => { event.preventDefault(); onClose(); }} onClick=${onClick}>
    <div class="dialog-body">
      <header><h2 id=${label}>${title}</h2>
        <button class="icon-button" aria-label=${t('action.close')} onClick=${onClose}><${Icon} name="close" /></button></header>
      ${children}
    </div></dialog>`;
}

/**
 * Asks before something is done that cannot be undone. `typed`: what has to be typed first. `act` does it and may fail with a
 * `Problem`, which is shown here.
 */
export function Confirm({ title, children, action, typed, typedLabel, act, onClose, danger = true }) {
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  const input = useId();
  const mayAct = !typed || text.trim() === typed;
  const submit = async (event) => {
    event.preventDefault();
    if (!mayAct || busy) return;
    setBusy(true);
    setProblem(null);
    try {
      await act();
      onClose();
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  };
  return html`<${Dialog} title=${title} onClose=${onClose} danger=${danger}>
    <form onSubmit=${submit} class="stack">
      <div class="dialog-text">${children}</div>
      ${typed && html`<label class="field" for=${input}><span>${typedLabel}</span>
        <input id=${input} class="input" autofocus value=${text} onInput=${(event) => setText(event.target.value)} autocomplete="off" autocapitalize="off" spellcheck=${false} dir="ltr" /></label>`}
      <${Refusal} problem=${problem} />
      <div class="dialog-actions">
        <button type="button" class="button" autofocus=${!typed} onClick=${onClose}>${t('action.cancel')}</button>
        <button type="submit" class=${`button ${danger ? 'danger' : 'primary'}`} disabled=${!mayAct} aria-busy=${busy}>${action}</button>
      </div>
    </form></${Dialog}>`;
}
