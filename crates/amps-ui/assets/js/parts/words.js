// Text of packages on the page: as text, isolated from what stands around it, with hidden characters made visible.
import { html } from '../html.js';
import { visible, visibleText } from '../words.js';

/** Text from a package. `cut` shows the beginning and has the whole in its title. */
export function Words({ text, language, cut = 0 }) {
  const whole = String(text ?? '');
  const isCut = cut > 0 && whole.length > cut;
  // By characters: half of one would show as a question mark.
  const shown = isCut ? `${[...whole.slice(0, cut * 2)].slice(0, cut).join('').trimEnd()}…` : whole;
  const parts = visible(shown).map((part) => (part.hidden ? html`<span class="hidden-char">${part.hidden}</span>` : part.text));
  return html`<bdi class="words" dir="auto" lang=${language} title=${isCut ? visibleText(whole.slice(0, 2000)) : undefined}>${parts}</bdi>`;
}
