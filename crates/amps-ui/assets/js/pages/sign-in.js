// Signing in with a user of the store, and back to where the reader came from.
import { html, useRef, useState } from '../html.js';
import { t } from '../strings.js';
import { Link, navigate, usePlace } from '../router.js';
import { may, session, signIn, signOut, useSession } from '../session.js';
import { Page } from '../parts/page.js';
import { Field, TextField } from '../parts/fields.js';
import { Icon } from '../parts/icons.js';
import { Command } from '../parts/copy.js';
import { Empty } from '../parts/states.js';
import { toast } from '../parts/toast.js';
import { Tile } from '../parts/package-icon.js';

/** Only a path of this interface is gone back to. */
const safe = (next) => (next && /^\/(?![/\\])[^\\]*$/.test(next) && !next.startsWith('/sign-in') ? next : '/');

function words(problem) {
  if (problem.code === 'wrong-credentials') return t('signin.wrong');
  if (problem.code === 'account-disabled') return t('signin.disabled');
  if (problem.status === 429) return t('signin.later', { seconds: problem.retryAfter ?? 10 });
  return problem.detail;
}

function Form({ next, why }) {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [isShown, setShown] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(why === 'ended' ? t('session.expired') : '');
  const form = useRef(null);
  const submit = async (event) => {
    event.preventDefault();
    if (busy) return;
    if (!name.trim() || !password) {
      setError(t('signin.empty'));
      form.current.querySelector(name.trim() ? '[name=password]' : '[name=username]').focus();
      return;
    }
    setBusy(true);
    setError('');
    try {
      await signIn(name.trim(), password);
      navigate(next, { replace: true });
    } catch (problem) {
      setError(words(problem));
      setBusy(false);
      setPassword('');
      form.current?.querySelector('[name=password]').focus();
    }
  };
  return html`<form ref=${form} class="card panel sign-in-form stack" onSubmit=${submit} method="post" action="/ui/sign-in" novalidate>
    ${why === 'needed' && !error && html`<p class="notice">${t('session.needed')}</p>`}
    <p role="alert" class=${error ? 'notice notice-bad' : 'sr-only'}>${error && html`<${Icon} name="alert" /><span>${error}</span>`}</p>
    <${TextField} label=${t('signin.name')} name="username" value=${name} onInput=${(event) => setName(event.target.value)} autocomplete="username" autocapitalize="off" spellcheck=${false} autofocus maxlength="200" />
    <${Field} label=${t('signin.password')}>${(names) => html`<span class="password"><input class="input" ...${names} name="password" type=${isShown ? 'text' : 'password'} value=${password} onInput=${(event) => setPassword(event.target.value)} autocomplete="current-password" maxlength="4096" />
      <button type="button" class="icon-button" aria-pressed=${isShown} aria-label=${t(isShown ? 'signin.hide' : 'signin.show')} onClick=${() => setShown(!isShown)}><${Icon} name="eye" /></button></span>`}</${Field}>
    <button class="button primary" type="submit" disabled=${busy} aria-busy=${busy}>${t(busy ? 'signin.busy' : 'signin.submit')}</button>
  </form>`;
}

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
    ${!isHere ? null : who.user ? html`<${SignedIn} who=${who} next=${next} />` : who.canSignIn ? html`<${Form} next=${next} why=${query.get('why')} />` : html`<${Nobody} />`}
    ${isHere && (who.user || who.canSignIn) && html`<${Poster} />`}
  </${Page}>`;
}
