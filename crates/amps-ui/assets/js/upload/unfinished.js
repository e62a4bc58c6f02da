// Uploads of before, of which the server still has a part: a browser cannot open their files again by itself.
import { html, useEffect, useState } from '../html.js';
import { useStore } from '../store.js';
import { t } from '../strings.js';
import { bytes } from '../format.js';
import { visibleText } from '../words.js';
import { Words } from '../parts/words.js';
import { forget, giveUp, offset, unfinished } from './tus.js';
import { uploads } from './queue.js';

export function Unfinished() {
  const all = useStore(uploads);
  const [found, setFound] = useState([]);
  useEffect(() => {
    let isWanted = true;
    const look = async () => {
      const open = [];
      for (const kept of unfinished().slice(0, 20)) {
        try {
          const known = await offset(kept.url);
          if (known.isRefused || known.offset >= known.length) forget(kept.key);
          else open.push({ ...kept, offset: known.offset });
        } catch (problem) {
          if (problem.status === 404) forget(kept.key);
        }
      }
      if (isWanted) setFound(open);
    };
    look();
    return () => { isWanted = false; };
  }, []);
  const drop = (kept) => {
    forget(kept.key);
    setFound((old) => old.filter((other) => other.key !== kept.key));
    giveUp(kept.url).catch(() => { /* the server forgets it by itself */ });
  };
  const shown = found.filter((kept) => !all.some((upload) => upload.file.name === kept.name && upload.file.size === kept.size));
  if (shown.length === 0) return null;
  return html`<section class="unfinished"><h2>${t('upload.unfinished.title')}</h2><p class="muted">${t('upload.unfinished.text')}</p>
    <ul class="stack">${shown.map((kept) => html`<li key=${kept.key} class="card upload-item"><div class="upload-head">
      <p class="upload-name"><${Words} text=${kept.name} cut=${120} /> <span class="muted small">${bytes(kept.size)} · ${t('upload.unfinished.at', { percent: `${Math.floor((kept.offset * 100) / kept.size)} %` })}</span></p>
      <button class="button small" aria-label=${t('upload.unfinished.forget', { name: visibleText(kept.name) })} onClick=${() => drop(kept)}>${t('action.forget')}</button></div></li>`)}</ul></section>`;
}
