// Says to screen readers what has become of uploads. Progress is not said: they can ask for it.
import { html, useEffect, useRef, useState } from '../html.js';
import { useStore } from '../store.js';
import { t } from '../strings.js';
import { visibleText } from '../words.js';
import { uploads } from './queue.js';

export function Announcer() {
  const all = useStore(uploads);
  const said = useRef(new Map());
  const [text, setText] = useState('');
  useEffect(() => {
    for (const { id, state, file, problem } of all) {
      if (said.current.get(id) === state) continue;
      said.current.set(id, state);
      const name = visibleText(file.name);
      if (state === 'published') setText(t('upload.announce.published', { name }));
      if (state === 'refused' || state === 'failed') setText(t('upload.announce.refused', { name, why: problem?.detail || t(`upload.${state}`) }));
    }
  }, [all]);
  return html`<p class="sr-only" role="status">${text}</p>`;
}
