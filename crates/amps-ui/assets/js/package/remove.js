// Removing a release, or a package with all of them: says what will happen, and asks.
import { html } from '../html.js';
import { get, send } from '../api.js';
import { counted, t } from '../strings.js';
import { navigate } from '../router.js';
import { visibleText } from '../words.js';
import { Confirm } from '../parts/dialog.js';
import { toast } from '../parts/toast.js';

export function RemoveRelease({ release, isLast, onClose, onRemoved }) {
  const version = visibleText(release.version || t('version.none')).slice(0, 60);
  const act = async () => {
    const { etag } = await get(`/releases/${release.sequence}`);
    await send('DELETE', `/releases/${release.sequence}`, undefined, { etag });
    toast(t('release.removed', { version }));
    if (isLast) navigate('/');
    else onRemoved();
  };
  return html`<${Confirm} title=${t('release.remove.title', { version })} action=${t('release.remove')} act=${act} onClose=${onClose}>
    <p>${isLast ? counted('package.remove.text', 1) : t('release.remove.text')}</p></${Confirm}>`;
}

export function RemovePackage({ item, etag, onClose, onStale }) {
  const act = async () => {
    try {
      await send('DELETE', `/packages/${encodeURIComponent(item.id)}`, undefined, { etag });
    } catch (problem) {
      if (problem.status === 412) onStale();
      throw problem;
    }
    toast(t('package.removed', { id: visibleText(item.id).slice(0, 120) }));
    navigate('/');
  };
  return html`<${Confirm} title=${t('package.remove.title')} action=${t('package.remove')} typed=${item.id} typedLabel=${t('package.remove.type', { id: visibleText(item.id) })} act=${act} onClose=${onClose}>
    <p>${counted('package.remove.text', item.releaseCount)}</p></${Confirm}>`;
}
