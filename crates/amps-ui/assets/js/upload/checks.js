// What the server checks, in its order, and which of it failed: the verdict of an upload as a list.

export const CHECKS = ['received', 'format', 'structure', 'manifest', 'digest', 'signature', 'architecture', 'published'];

/** Which check a refusal belongs to. */
const OF_CODE = {
  format: 'format',
  'entry-type': 'structure',
  path: 'structure',
  structure: 'structure',
  limit: 'structure',
  metadata: 'manifest',
  manifest: 'manifest',
  digest: 'digest',
  signature: 'signature',
  architecture: 'architecture',
  deployment: 'architecture',
  'out-of-scope': 'published',
  'disk-full': 'published',
};

/** `[{ name, state }]` with `passed`, `failed`, `running` or `waiting`. */
export function checksOf(upload) {
  const all = (state) => CHECKS.map((name) => ({ name, state }));
  if (upload.state === 'published') return all('passed');
  const failed = upload.state === 'refused' ? CHECKS.indexOf(OF_CODE[upload.problem?.code] ?? 'published') : -1;
  if (failed >= 0) return CHECKS.map((name, index) => ({ name, state: index < failed ? 'passed' : index === failed ? 'failed' : 'waiting' }));
  if (upload.state === 'verifying') return CHECKS.map((name, index) => ({ name, state: index === 0 ? 'passed' : index === 1 ? 'running' : 'waiting' }));
  if (upload.state === 'failed') return CHECKS.map((name, index) => ({ name, state: index === 0 ? 'failed' : 'waiting' }));
  return CHECKS.map((name, index) => ({ name, state: index === 0 ? 'running' : 'waiting' }));
}
