// The pages: their paths, what loads them, and which of them stand in the navigation. Pages of others are added to these two lists.
import { laterStyles } from './later-styles.js';

/** With the styles that the first screen does without. */
const later = (load) => async () => {
  const [module] = await Promise.all([load(), laterStyles()]);
  return module;
};

export const routes = [
  { path: '/', load: () => import('./pages/browse.js') },
  { path: '/packages/:id', load: later(() => import('./pages/package.js')) },
  { path: '/upload', load: later(() => import('./pages/upload.js')) },
  { path: '/manage', load: later(() => import('./pages/manage/overview.js')) },
  { path: '/manage/categories', load: later(() => import('./pages/manage/categories.js')) },
  { path: '/manage/vendors', load: later(() => import('./pages/manage/vendors.js')) },
  { path: '/manage/users', load: later(() => import('./pages/manage/users.js')) },
  { path: '/manage/tokens', load: later(() => import('./pages/manage/tokens.js')) },
  { path: '/manage/retention', load: later(() => import('./pages/manage/retention.js')) },
  { path: '/manage/audit', load: later(() => import('./pages/manage/audit.js')) },
  { path: '/manage/certificates', load: later(() => import('./pages/manage/certificates.js')) },
  { path: '/manage/server', load: later(() => import('./pages/manage/server.js')) },
  { path: '/sign-in', load: later(() => import('./pages/sign-in.js')) },
];

/** The question over the page of somebody whose session has ended. */
export const signInAgain = later(() => import('./parts/sign-in-again.js'));

/** `role`: shown only to those who have it. `under`: the paths that belong to it. */
export const navigation = [
  { href: '/', label: 'nav.packages', icon: 'box', under: ['/', '/packages'] },
  { href: '/upload', label: 'nav.upload', icon: 'upload', role: 'upload' },
  { href: '/manage', label: 'nav.manage', icon: 'gear', role: 'admin' },
];
