// Signing in with a user of the store, and back to where the reader came from.
import { html } from '../html.js';
import { addTexts, t } from '../strings.js';
import { Link, navigate, usePlace } from '../router.js';
import { may, session, signOut, useSession } from '../session.js';
import { Page } from '../parts/page.js';
import { Icon } from '../parts/icons.js';
import { Command } from '../parts/copy.js';
import { Empty } from '../parts/states.js';
import { SignInForm } from '../parts/sign-in-form.js';
import { toast } from '../parts/toast.js';
import { Tile } from '../parts/package-icon.js';

addTexts({
  'signin.title': 'Sign in',
  'signin.lead': 'With a user of this store.',
  'signin.nobody.title': 'Nobody can sign in yet',
  'signin.nobody.text': 'This store has no users. On the machine where the server runs, this makes the first one:',
  'signin.nobody.then': 'It asks for a password. Then come back here.',
  'signin.done.title': 'You are signed in',
  'signin.done.may': 'You may',
  'signin.go': 'Go on',
  'role.read': 'see and download packages',
  'role.upload': 'upload packages',
  'role.remove': 'remove packages',
  'role.admin': 'manage this store',
});

/** Only a path of this interface is gone back to. */
const safe = (next) => (next && /^\/(?![/\\])[^\\]*$/.test(next) && !next.startsWith('/sign-in') ? next : '/');

function SignedIn({ who, next }) {
  const roles = ['read', 'upload', 'remove', 'admin'].filter((role) => may(who, role));
  const leave = () => signOut().then(() => toast(t('session.signedout')), (problem) => toast(problem.detail, 'bad'));
  return html`<div class="card panel sign-in-form stack"><p>${t('session.as', { name: '' })}<bdi class="strong">${who.user.name}</bdi></p>
    <div><p class="muted small">${t('signin.done.may')}</p><ul class="roles">${roles.map((role) => html`<li key=${role}><${Icon} name="check" />${t(`role.${role}`)}</li>`)}</ul></div>
    <div class="dialog-actions"><button class="button" onClick=${leave}>${t('session.signout')}</button><${Link} class="button primary" href=${next}>${t('signin.go')}</${Link}></div></div>`;
}

/** Something to look at, drawn as the tiles of packages are. */
const POSTER = ['radio', 'maps', 'phone', 'weather', 'camera', 'games', 'seats', 'light', 'tyres', 'notes', 'charging', 'trip', 'news', 'parking', 'voice', 'dashcam'];
const Poster = () => html`<div class="poster" aria-hidden="true">${POSTER.map((word) => html`<${Tile} key=${word} id=${`amps.${word}`} />`)}</div>`;

const Nobody = () => html`<${Empty} drawing="locked" title=${t('signin.nobody.title')} text=${t('signin.nobody.text')}>
  <div class="stack"><${Command} text="amps create-superuser --data-directory DIR --username NAME" /><p>${t('signin.nobody.then')}</p>
  <button class="button" onClick=${() => location.reload()}><${Icon} name="refresh" />${t('action.retry')}</button></div></${Empty}>`;

export default function SignIn() {
  const { query } = usePlace();
  const who = useSession();
  const next = safe(query.get('next'));
  const isHere = session.get() !== undefined;
  const title = who?.user ? t('signin.done.title') : t('signin.title');
  return html`<${Page} title=${title} lead=${who?.user ? '' : t('signin.lead')} class="sign-in">
    ${!isHere ? null : who.user ? html`<${SignedIn} who=${who} next=${next} />` : who.canSignIn ? html`<${SignInForm} class="card panel sign-in-form" note=${query.get('why') === 'needed' && t('session.needed')} onDone=${() => navigate(next, { replace: true })} />` : html`<${Nobody} />`}
    ${isHere && (who.user || who.canSignIn) && html`<${Poster} />`}
  </${Page}>`;
}
