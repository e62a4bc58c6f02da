// Light, dark, or as the system has it; remembered.
import { html, useEffect, useState } from '../html.js';
import { t } from '../strings.js';
import { remembered } from '../store.js';
import { Icon } from './icons.js';

const THEMES = ['system', 'light', 'dark'];
const ICONS = { system: 'system', light: 'sun', dark: 'moon' };

export function ThemeSwitch() {
  const [theme, setTheme] = useState(() => {
    const kept = remembered.get('amps.theme');
    return THEMES.includes(kept) ? kept : 'system';
  });
  useEffect(() => {
    if (theme === 'system') {
      delete document.documentElement.dataset.theme;
      remembered.remove('amps.theme');
    } else {
      document.documentElement.dataset.theme = theme;
      remembered.set('amps.theme', theme);
    }
  }, [theme]);
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
  const label = t('theme.switch', { theme: t(`theme.${theme}`), next: t(`theme.${next}`) });
  return html`<button class="icon-button" aria-label=${label} title=${label} onClick=${() => setTheme(next)}><${Icon} name=${ICONS[theme]} /></button>`;
}
