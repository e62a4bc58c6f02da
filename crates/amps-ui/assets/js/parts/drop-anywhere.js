// Files that are dropped anywhere on a page are uploaded.
import { html, useEffect, useState } from '../html.js';
import { t } from '../strings.js';
import { navigate } from '../router.js';
import { may, useSession } from '../session.js';

const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes('Files');

/** `onFiles` gets them; without it, the reader is led to the page that uploads. */
export function DropAnywhere({ onFiles, children }) {
  const who = useSession();
  const [over, setOver] = useState(false);
  const isOpen = may(who, 'upload');
  useEffect(() => {
    let leaving;
    const onOver = (event) => {
      if (!hasFiles(event)) return;
      // Without this the browser would leave the page to show the file.
      event.preventDefault();
      event.dataTransfer.dropEffect = isOpen ? 'copy' : 'none';
      clearTimeout(leaving);
      if (isOpen) setOver(true);
    };
    const onLeave = () => { clearTimeout(leaving); leaving = setTimeout(() => setOver(false), 80); };
    const onDrop = async (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(false);
      const files = [...event.dataTransfer.files];
      if (!isOpen || files.length === 0) return;
      if (onFiles) onFiles(files);
      else {
        const { addFiles } = await import('../upload/queue.js');
        addFiles(files);
        navigate('/upload');
      }
    };
    addEventListener('dragover', onOver);
    addEventListener('dragleave', onLeave);
    addEventListener('drop', onDrop);
    return () => {
      clearTimeout(leaving);
      removeEventListener('dragover', onOver);
      removeEventListener('dragleave', onLeave);
      removeEventListener('drop', onDrop);
    };
  }, [isOpen, onFiles]);
  return html`${children}${over && html`<div class="drop-veil" aria-hidden="true"><span>${t('browse.drop')}</span></div>`}`;
}
