// The pages: their paths, what loads them, and which of them stand in the navigation. Pages of others are added to these two lists.
export const routes = [
  { path: '/', load: () => import('./pages/browse.js') },
  { path: '/packages/:id', load: () => import('./pages/package.js') },
  { path: '/upload', load: () => import('./pages/upload.js') },
  { path: '/manage', load: () => import('./pages/manage/overview.js') },
  { path: '/manage/categories', load: () => import('./pages/manage/categories.js') },
  { path: '/manage/vendors', load: () => import('./pages/manage/vendors.js') },
  { path: '/manage/users', load: () => import('./pages/manage/users.js') },
  { path: '/manage/tokens', load: () => import('./pages/manage/tokens.js') },
  { path: '/manage/retention', load: () => import('./pages/manage/retention.js') },
  { path: '/manage/audit', load: () => import('./pages/manage/audit.js') },
  { path: '/manage/certificates', load: () => import('./pages/manage/certificates.js') },
  { path: '/manage/server', load: () => import('./pages/manage/server.js') },
  { path: '/sign-in', load: () => import('./pages/sign-in.js') },
];

/** `role`: shown only to those who have it. `under`: the paths that belong to it. */
export const navigation = [
  { href: '/', label: 'nav.packages', icon: 'box', under: ['/', '/packages'] },
  { href: '/upload', label: 'nav.upload', icon: 'upload', role: 'upload' },
  { href: '/manage', label: 'nav.manage', icon: 'gear', role: 'admin' },
];
