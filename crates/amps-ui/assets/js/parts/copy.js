// A button that copies text.
import { html, useState, useEffect } from '../html.js';
import { t } from '../strings.js';
import { Icon } from './icons.js';

async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Without TLS, browsers have no clipboard for pages.
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'sr-only';
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
  return undefined;
}

export function CopyButton({ text, label = t('action.copy') }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  const onClick = () => copy(text).then(() => setCopied(true), () => {});
  return html`<button type="button" class="icon-button small" aria-label=${copied ? t('action.copied') : label} title=${label} onClick=${onClick}>
    <${Icon} name=${copied ? 'check' : 'copy'} /><span class="sr-only" role="status">${copied ? t('action.copied') : ''}</span></button>`;
}

/** A command line that can be copied. */
export const Command = ({ text }) => html`<div class="command"><code dir="ltr">${text}</code><${CopyButton} text=${text} /></div>`;
