// What stands around every page below /manage: where else one can go, and nothing of it for those who may not.
import { html, useEffect, useRef } from '../html.js';
import { addTexts, t } from '../strings.js';
import { Link, to, usePlace } from '../router.js';
import { may, useSession } from '../session.js';
import { Page } from '../parts/page.js';
import { Empty, Skeleton } from '../parts/states.js';
import { Icon } from '../parts/icons.js';
import { SECTIONS } from './sections.js';

addTexts({
  'manage.title': 'Manage',
  'manage.nav': 'Manage this store',
  'manage.mayNot.title': 'This is for administrators',
  'manage.mayNot.text': 'Sign in with a user who may manage this store.',
  'manage.mayNot.user': 'You are signed in, but your user may not manage this store. An administrator can change that.',
});

function Sections({ here }) {
  const entries = [{ name: 'overview', icon: 'gear', href: '/manage' }, ...SECTIONS.map((section) => ({ ...section, href: `/manage/${section.name}` }))];
  const list = useRef(null);
  useEffect(() => {
    // On a phone the list is a strip: the page that one is on is in sight.
    const current = list.current?.querySelector('[aria-current]');
    if (list.current.scrollWidth > list.current.clientWidth) list.current.scrollLeft += current.getBoundingClientRect().left - list.current.getBoundingClientRect().left - 24;
  }, []);
  return html`<nav class="manage-nav" aria-label=${t('manage.nav')} ref=${list}><ul>${entries.map((entry) => html`
    <li key=${entry.name}><${Link} href=${entry.href} aria-current=${entry.name === here ? 'page' : undefined}><${Icon} name=${entry.icon} /><span>${t(`manage.${entry.name}`)}</span></${Link}></li>`)}</ul></nav>`;
}

/** Whether the one who asks may manage all of the store, not only some packages. */
const mayManage = (who) => may(who, 'admin') && !who.packages;

/** A page of the area. `name` is its section; `children` are drawn only for those who may manage. */
export function ManagePage({ name, title = t(`manage.${name}`), lead, actions, children }) {
  const who = useSession();
  const here = usePlace();
  if (who === undefined) return html`<${Page} title=${title} class="manage"><div class="manage-content"><${Skeleton} lines=${5} /></div></${Page}>`;
  if (!mayManage(who) && !who.unknown) {
    const next = to(here.path, Object.fromEntries(here.query));
    return html`<${Page} title=${title}><${Empty} drawing="locked" title=${t('manage.mayNot.title')} text=${t(who.user ? 'manage.mayNot.user' : 'manage.mayNot.text')}>
      ${!who.user && html`<${Link} class="button primary" href=${to('/sign-in', { next })}>${t('session.signin')}</${Link}>`}</${Empty}></${Page}>`;
  }
  return html`<${Page} title=${title} lead=${lead ?? t(`manage.${name}.what`)} actions=${actions} class="manage">
    <${Sections} here=${name} /><div class="manage-content">${children}</div></${Page}>`;
}
