// What stands around every page: the mark, where one can go, the theme, and who is signed in.
import { html, useEffect, useRef, useState } from '../html.js';
import { t } from '../strings.js';
import { Link, to, usePlace, navigate } from '../router.js';
import { navigation } from '../routes.js';
import { may, signOut, useSession } from '../session.js';
import { Icon, Mark } from './icons.js';
import { ThemeSwitch } from './theme.js';
import { toast } from './toast.js';

function Navigation() {
  const { path } = usePlace();
  const who = useSession();
  const shown = navigation.filter((entry) => !entry.role || may(who, entry.role));
  const isHere = (entry) => (entry.under ?? [entry.href]).some((start) => (start === '/' ? path === '/' : path === start || path.startsWith(`${start}/`)));
  return html`<nav class="nav" aria-label=${t('nav.main')}><ul>${shown.map((entry) => html`
    <li key=${entry.href}><${Link} href=${entry.href} aria-current=${isHere(entry) ? 'page' : undefined}><${Icon} name=${entry.icon} /><span>${t(entry.label)}</span></${Link}></li>`)}</ul></nav>`;
}

function Who() {
  const who = useSession();
  const here = usePlace();
  const [open, setOpen] = useState(false);
  const box = useRef(null);
  useEffect(() => {
    if (!open) return undefined;
    const onDown = (event) => { if (!box.current?.contains(event.target)) setOpen(false); };
    const onKey = (event) => {
      if (event.key !== 'Escape') return;
      setOpen(false);
      box.current?.querySelector('button')?.focus();
    };
    addEventListener('pointerdown', onDown);
    addEventListener('keydown', onKey);
    return () => { removeEventListener('pointerdown', onDown); removeEventListener('keydown', onKey); };
  }, [open]);
  if (who === undefined) return html`<span class="who-space" />`;
  if (!who.user) {
    if (here.path === '/sign-in') return null;
    const next = to(here.path, Object.fromEntries(here.query));
    return html`<${Link} class="button small" href=${to('/sign-in', { next: next === '/' ? '' : next })}>${t('session.signin')}</${Link}>`;
  }
  const leave = async () => {
    setOpen(false);
    try {
      await signOut();
      toast(t('session.signedout'));
      navigate('/');
    } catch (problem) {
      toast(problem.detail, 'bad');
    }
  };
  return html`<div class="who" ref=${box}>
    <button class="who-button" aria-expanded=${open} aria-label=${t('session.as', { name: who.user.name })} onClick=${() => setOpen(!open)}>
      <span class="avatar" aria-hidden="true">${[...who.user.name][0].toUpperCase()}</span></button>
    ${open && html`<div class="menu">
      <p class="menu-name"><bdi>${who.user.name}</bdi><span>${t(who.user.isStaff ? 'session.staff' : 'session.user')}</span></p>
      <button class="button" onClick=${leave}>${t('session.signout')}</button></div>`}
  </div>`;
}

export const Shell = ({ children }) => html`
  <header class="top"><div class="top-inner">
    <${Link} class="brand" href="/"><${Mark} /><span>${t('app.name')}</span></${Link}>
    <${Navigation} />
    <div class="top-end"><${ThemeSwitch} /><${Who} /></div>
  </div></header>
  <main id="main" tabindex="-1">${children}</main>`;
