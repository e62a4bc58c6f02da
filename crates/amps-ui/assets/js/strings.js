// The texts of the first screen and of what many pages have, by key; other pages add theirs. Translations are further tables like `en`.
// `{name}` is put in as text, never as markup.
const en = {
  'app.name': 'amps',
  'app.title': '{page} · amps',
  'app.skip': 'Skip to the content',
  'app.loading': 'Loading…',
  'nav.main': 'Main',
  'nav.packages': 'Packages',
  'nav.upload': 'Upload',
  'nav.manage': 'Manage',
  'theme.switch': 'Theme: {theme}. Switch to {next}.',
  'theme.system': 'as the system',
  'theme.light': 'light',
  'theme.dark': 'dark',
  'toast.region': 'Messages',
  'toast.dismiss': 'Dismiss',
  'action.cancel': 'Cancel',
  'action.close': 'Close',
  'action.forget': 'Forget',
  'action.retry': 'Try again',
  'action.copy': 'Copy',
  'action.copied': 'Copied',
  'action.more': 'Show more',
  'list.shown': '{shown} of {total} shown',
  'list.range': '{first} to {last} of {total}',
  'list.next': 'Go on from here',
  'list.start': 'Back to the beginning',
  'action.back': 'Back to all packages',

  'problem.title': 'This did not work',
  'problem.status': 'the server answered with status {status}',
  'problem.unreachable': 'the server cannot be reached',
  'problem.timeout': 'the server did not answer in time',
  'problem.dead.title': 'The server does not answer',
  'problem.dead.text': 'It may be restarting, or the network is down. This page keeps asking by itself.',
  'problem.stale': 'The server does not answer. What is shown may be old; asking again by itself.',
  'problem.slow': 'The server is taking its time…',
  'problem.busy': 'Too much was asked for in a short time. Wait a moment, then try again.',
  'problem.forbidden.title': 'You may not see this',
  'problem.signin.title': 'Sign in to see this',
  'problem.signin.text': 'This server shows packages only to those whom it knows.',
  'problem.newversion.title': 'There is a newer version of this page',
  'problem.newversion.text': 'The server was updated. Load the page again.',
  'problem.newversion.action': 'Load again',
  'missing.title': 'There is nothing here',
  'missing.text': 'The address is mistyped, or what was here has gone.',

  'session.signin': 'Sign in',
  'session.signout': 'Sign out',
  'session.signedout': 'Signed out',
  'session.as': 'Signed in as {name}',
  'session.staff': 'Administrator',
  'session.user': 'May read',
  'session.needed': 'Sign in to go on.',

  'browse.title': 'Packages',
  'browse.search': 'Search by name or id',
  'browse.clearsearch': 'Clear the search',
  'browse.filters': 'Filters',
  'browse.architecture': 'Architecture',
  'browse.tag': 'Tag',
  'browse.category': 'Category',
  'browse.vendor': 'Vendor',
  'browse.signer': 'Signature',
  'browse.any': 'Any',
  'browse.sort': 'Sort by',
  'browse.sort.id': 'Id',
  'browse.sort.name': 'Name',
  'browse.sort.uploadedAt': 'Newest first',
  'browse.sort.sizeBytes': 'Largest first',
  'browse.clear': 'Clear filters',
  'browse.count.one': '{count} package',
  'browse.count.other': '{count} packages',
  'browse.found.one': '{count} package found',
  'browse.found.other': '{count} packages found',
  'browse.column.name': 'Package',
  'browse.column.version': 'Version',
  'browse.column.architecture': 'Runs on',
  'browse.column.labels': 'Tags and categories',
  'browse.column.signature': 'Signature',
  'browse.column.size': 'Size',
  'browse.column.uploaded': 'Uploaded',
  'browse.releases.one': '{count} release',
  'browse.releases.other': '{count} releases',
  'browse.none.title': 'Nothing fits',
  'browse.none.text': 'No package is everything that is asked for here.',
  'browse.empty.title': 'This store is empty',
  'browse.empty.text': 'Packages appear here as soon as one is uploaded.',
  'browse.empty.drop': 'Drag packages onto this page, or choose them:',
  'browse.empty.make': 'From a folder with an info.yaml to the store:',
  'browse.empty.signin': 'Sign in to upload the first one.',
  'browse.drop': 'Drop to upload',

  'arch.all': 'all',
  'version.none': 'no version',

  'signature.valid': 'Signed',
  'signature.expired': 'Certificate expired',
  'signature.notYetValid': 'Not valid yet',
  'signature.unsigned': 'Unsigned',
  'signature.signed': 'Signed',

  'sig.range': '{from} to {until}',

  'upload.choose': 'Choose files',
};

const tables = { en };
export const locale = 'en';

/** The text of a key, with values put in. */
export function t(key, values) {
  const text = tables[locale][key] ?? key;
  return values ? text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole)) : text;
}

/** Whether there is a text of this key. */
export const hasText = (key) => Object.hasOwn(tables[locale], key);

const rules = new Intl.PluralRules(locale);
// Made once: making one takes longer than a row of a list.
const figures = new Intl.NumberFormat(locale);
/** A number with the marks that make it readable. */
export const number = (value) => figures.format(value);

/** The text for a number of things, from the keys `key.one` and `key.other`. */
export function counted(key, count, values = {}) {
  const form = `${key}.${rules.select(count)}`;
  return t(hasText(form) ? form : `${key}.other`, { ...values, count: number(count) });
}

/** Adds texts of other pages: `{ 'manage.title': '…' }`. */
export function addTexts(texts) {
  Object.assign(tables.en, texts);
}
