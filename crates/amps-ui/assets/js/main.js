// The start: finds out who asks, and shows the page that the address names.
import { html, render, useEffect, useErrorBoundary, useState } from './html.js';
import { match, navigate, place, to, usePlace } from './router.js';
import { routes, signInAgain } from './routes.js';
import { ended, identity, loadSession, session } from './session.js';
import { useStore } from './store.js';
import { onUnauthorised } from './api.js';
import { t } from './strings.js';
import { Shell } from './parts/shell.js';
import { Empty, Skeleton } from './parts/states.js';
import { Toasts } from './parts/toast.js';
import { Page } from './parts/page.js';

const loaded = new Map();

function routeOf(path) {
  for (const route of routes) {
    const values = match(route.path, path);
    if (values) return { route, values };
  }
  return null;
}

/** A page cannot be loaded if the server has another version by now: its files have other names. */
const Outdated = () => html`<${Page} title=${t('problem.newversion.title')}>
  <${Empty} drawing="dead" title=${t('problem.newversion.title')} text=${t('problem.newversion.text')}>
    <button class="button primary" onClick=${() => location.reload()}>${t('problem.newversion.action')}</button></${Empty}></${Page}>`;

const Missing = () => html`<${Page} title=${t('missing.title')}><${Empty} drawing="search" title=${t('missing.title')} text=${t('missing.text')} /></${Page}>`;

function Current() {
  const { path } = usePlace();
  const found = routeOf(path);
  const who = useStore(identity);
  const [, redraw] = useState(0);
  const [failed, setFailed] = useState(null);
  const [error] = useErrorBoundary((thrown) => console.error(thrown));
  const route = found?.route;
  useEffect(() => {
    if (!route || loaded.has(route)) return undefined;
    let isWanted = true;
    route.load().then(
      (module) => { loaded.set(route, module.default); if (isWanted) redraw((number) => number + 1); },
      () => { if (isWanted) setFailed(route); },
    );
    return () => { isWanted = false; };
  }, [route]);
  if (error) return html`<${Page} title=${t('problem.title')}><${Empty} drawing="dead" title=${t('problem.title')} text=${String(error?.message ?? error)}>
    <button class="button" onClick=${() => location.reload()}>${t('problem.newversion.action')}</button></${Empty}></${Page}>`;
  if (!found) return html`<${Missing} />`;
  if (failed === route) return html`<${Outdated} />`;
  const Content = loaded.get(route);
  return Content ? html`<${Content} key=${`${who} ${path}`} ...${found.values} />` : html`<${Skeleton} lines=${6} />`;
}

/** Over the page of somebody whose session has ended. */
function Again() {
  const isEnded = useStore(ended);
  const [Asked, setAsked] = useState(null);
  useEffect(() => {
    // Without its file, as when the server has another version by now, there is nothing to ask with: the page begins anew.
    if (isEnded) signInAgain().then((module) => setAsked(() => module.default), () => location.reload());
  }, [isEnded]);
  return isEnded && Asked ? html`<${Asked} />` : null;
}

const App = () => html`<${Shell}><${Current} /></${Shell}><${Again} /><${Toasts} />`;

onUnauthorised(() => {
  // Whoever was signed in is asked over the page that they are on.
  if (session.get()?.user) return;
  const { path, query } = place.get();
  if (path !== '/sign-in') navigate(to('/sign-in', { next: to(path, Object.fromEntries(query)), why: 'needed' }), { replace: true });
});

loadSession();
const root = document.getElementById('app');
root.replaceChildren();
render(html`<${App} />`, root);
