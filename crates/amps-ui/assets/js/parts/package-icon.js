// The icon of a package. Without one, or if it is no picture, a tile that is drawn from the id: the same id, the same tile.
import { html, useState, useEffect } from '../html.js';
import { API } from '../api.js';

const TONES = 8;

function hash(text) {
  let value = 2166136261;
  for (const character of text) {
    value ^= character.codePointAt(0);
    value = Math.imul(value, 16777619) >>> 0;
  }
  // The last characters would hardly change the first bits otherwise.
  value ^= value >>> 15;
  value = Math.imul(value, 2246822507) >>> 0;
  return (value ^ (value >>> 13)) >>> 0;
}

// Shapes in a field of 20 by 20.
const SHAPES = [
  'M0 0H20A20 20 0 0 1 0 20z',
  'M20 0V20H0A20 20 0 0 1 20 0',
  'M0 20V0A20 20 0 0 1 20 20z',
  'M20 20H0A20 20 0 0 1 20 0z',
  'M10 0A10 10 0 0 1 10 20A10 10 0 0 1 10 0',
  'M0 0H20A10 10 0 0 1 0 0M0 20H20A10 10 0 0 0 0 20',
  'M0 0L20 20H0z',
  'M0 0A20 20 0 0 1 20 20A20 20 0 0 1 0 0',
  'M20 0A20 20 0 0 0 0 20A20 20 0 0 0 20 0',
];

export function Tile({ id }) {
  let bits = hash(id);
  const tone = bits % TONES;
  const take = (count) => {
    bits = Math.imul(bits ^ (bits >>> 11), 2654435761) >>> 0;
    return (bits >>> 8) % count;
  };
  const fields = [[0, 0], [20, 0], [0, 20], [20, 20]].map(([x, y], index) => html`
    <path key=${index} class=${index === 0 || take(3) > 0 ? 'tile-a' : 'tile-b'} d=${SHAPES[take(SHAPES.length)]} transform=${`translate(${x} ${y})`} />`);
  return html`<svg class=${`tile tone-${tone}`} viewBox="0 0 40 40" aria-hidden="true" focusable="false"><rect class="tile-ground" width="40" height="40" />${fields}</svg>`;
}

/** `release` is its number; null if it is known that it has no icon. */
export function PackageIcon({ id, release, large = false }) {
  const [broken, setBroken] = useState(false);
  useEffect(() => setBroken(false), [release]);
  const hasPicture = release !== null && release !== undefined && !broken;
  return html`
    <span class=${`package-icon ${large ? 'large' : ''}`}>
      ${hasPicture
    ? html`<img src=${`${API}/releases/${release}/icon`} alt="" loading=${large ? 'eager' : 'lazy'} decoding="async" width="44" height="44" onError=${() => setBroken(true)} />`
    : html`<${Tile} id=${id} />`}
    </span>`;
}
