// The words of the audit trail for people. What is not known here is shown as it is.
import { addTexts, hasText, t } from '../strings.js';

export const ACTIONS = [
  'package.upload', 'package.remove', 'package.sign', 'package.describe', 'purchase', 'login', 'logout', 'access.denied',
  'user.create', 'user.change', 'user.password', 'user.remove', 'vendor.create', 'vendor.change', 'vendor.remove',
  'category.create', 'category.change', 'category.remove', 'token.create', 'token.revoke',
  'server.start', 'server.stop', 'store.restore', 'audit.prune', 'audit.dropped',
];

addTexts({
  'audit.action.package.upload': 'Uploaded a package',
  'audit.action.package.remove': 'Removed a package',
  'audit.action.package.sign': 'Fetched a signed package',
  'audit.action.package.describe': 'Changed what is said of a package',
  'audit.action.purchase': 'Got the right to download',
  'audit.action.login': 'Signed in',
  'audit.action.logout': 'Signed out',
  'audit.action.access.denied': 'Asked for what they may not',
  'audit.action.user.create': 'Created a user',
  'audit.action.user.change': 'Changed what a user may do',
  'audit.action.user.password': 'Set a password',
  'audit.action.user.remove': 'Deleted a user',
  'audit.action.vendor.create': 'Created a vendor',
  'audit.action.vendor.change': 'Changed a vendor',
  'audit.action.vendor.remove': 'Deleted a vendor',
  'audit.action.category.create': 'Created a category',
  'audit.action.category.change': 'Changed a category',
  'audit.action.category.remove': 'Deleted a category',
  'audit.action.token.create': 'Created a token',
  'audit.action.token.revoke': 'Revoked a token',
  'audit.action.server.start': 'The server started',
  'audit.action.server.stop': 'The server stopped',
  'audit.action.store.restore': 'The store was restored from a backup',
  'audit.action.audit.prune': 'The oldest entries were removed',
  'audit.action.audit.dropped': 'There was more than could be written down',
  'audit.actor.anonymous': 'Somebody',
  'audit.actor.token': 'Token',
  'audit.actor.user': 'User',
  'audit.actor.system': 'On the machine',
  'audit.actor.server': 'The server',
  'audit.actor.various': 'Various',
  'audit.channel.api': 'the API',
  'audit.channel.package-server': 'the package server',
  'audit.channel.deployment-server': 'the deployment server',
  'audit.channel.command': 'a command',
  'audit.channel.upload-folder': 'the upload folder',
  'audit.channel.remove-folder': 'the remove folder',
  'audit.result.ok': 'Done',
  'audit.result.refused': 'Refused',
  'audit.result.failed': 'Failed',
});

const word = (kind, name) => (hasText(`audit.${kind}.${name}`) ? t(`audit.${kind}.${name}`) : name);

export const actionWords = (action) => word('action', action);
export const channelWords = (channel) => word('channel', channel);
export const resultWords = (result) => word('result', result);
/** Who, as far as that has a word; the name stands beside it. */
export const actorWords = (kind) => word('actor', kind);
