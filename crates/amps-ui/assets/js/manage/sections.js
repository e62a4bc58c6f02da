// What there is to manage: the pages below /manage, in their order.
import { addTexts } from '../strings.js';

addTexts({
  'manage.overview': 'Overview',
  'manage.categories': 'Categories',
  'manage.categories.what': 'Where packages stand in the store, and in which order.',
  'manage.vendors': 'Vendors',
  'manage.vendors.what': 'In whose name packages are offered.',
  'manage.users': 'Users',
  'manage.users.what': 'Who can sign in, and who may manage.',
  'manage.tokens': 'Tokens',
  'manage.tokens.what': 'What programs may do, for which packages, and for how long.',
  'manage.retention': 'Retention',
  'manage.retention.what': 'Which releases are kept. Try rules before anything goes.',
  'manage.audit': 'Audit',
  'manage.audit.what': 'Who did what, when, and what came of it.',
  'manage.certificates': 'Certificates',
  'manage.certificates.what': 'What signs, what is trusted, and until when.',
  'manage.server': 'Server',
  'manage.server.what': 'Whether it is well: checks, disk, and what it is doing.',
});

/** Each is the page `/manage/NAME`, with the texts `manage.NAME` and `manage.NAME.what`. */
export const SECTIONS = [
  { name: 'categories', icon: 'tag' },
  { name: 'vendors', icon: 'shop' },
  { name: 'users', icon: 'users' },
  { name: 'tokens', icon: 'key' },
  { name: 'retention', icon: 'broom' },
  { name: 'audit', icon: 'list' },
  { name: 'certificates', icon: 'shield' },
  { name: 'server', icon: 'server' },
];
