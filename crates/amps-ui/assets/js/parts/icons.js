// Drawn signs, 20 by 20, in the colour of the text around them. They say nothing to a screen reader: words stand beside them.
import { html } from '../html.js';

const PATHS = {
  search: 'M9 3.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11M13 13l4 4',
  close: 'M5 5l10 10M15 5L5 15',
  check: 'M4 10.5l4 4 8-9',
  alert: 'M10 3l8 14H2zM10 8v4M10 14.5v.01',
  clock: 'M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15M10 6v4.5l3 1.5',
  dash: 'M6 10h8',
  upload: 'M10 13V3.5M6 7l4-4 4 4M3.5 12.5v4h13v-4',
  download: 'M10 3.5V13M6 9.5l4 4 4-4M3.5 13v3.5h13V13',
  box: 'M10 2.5l7 3.7v7.6l-7 3.7-7-3.7V6.2zM3 6.2l7 3.8 7-3.8M10 10v7.5',
  sliders: 'M3 6h8M15 6h2M3 14h2M9 14h8M13 4v4M7 12v4',
  sun: 'M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7M10 1.8v1.7M10 16.5v1.7M1.8 10h1.7M16.5 10h1.7M4.2 4.2l1.2 1.2M14.6 14.6l1.2 1.2M15.8 4.2l-1.2 1.2M5.4 14.6l-1.2 1.2',
  moon: 'M16.5 12A7 7 0 0 1 8 3.5a7 7 0 1 0 8.5 8.5',
  system: 'M10 3.5a6.5 6.5 0 1 0 0 13zM10 3.5a6.5 6.5 0 0 1 0 13',
  user: 'M10 3a3.2 3.2 0 1 0 0 6.4A3.2 3.2 0 0 0 10 3M3.5 17c.4-3.4 2.9-5.2 6.5-5.2s6.1 1.8 6.5 5.2',
  copy: 'M7 7V3.5h9.5V13H13M3.5 7H13v9.5H3.5z',
  trash: 'M3.5 5.5h13M8 5.5V3.5h4v2M5.5 5.5l.7 11h7.6l.7-11M8.5 8.5v5M11.5 8.5v5',
  back: 'M11.5 4.5L6 10l5.5 5.5',
  folder: 'M2.5 5h5l1.5 2h8.5v9h-15z',
  file: 'M5 2.5h6.5L15 6v11.5H5zM11.5 2.5V6H15',
  link: 'M8.5 11.5l3-3M7 9.5l-2 2a2.6 2.6 0 0 0 3.7 3.7l2-2M13 10.5l2-2A2.6 2.6 0 0 0 11.300 4.800l-2 2',
  refresh: 'M16.500 8A6.800 6.800 0 0 0 4 6.500M3.500 3v3.800h3.800M3.500 12A6.800 6.800 0 0 0 16 13.500M16.500 17v-3.800h-3.800',
  eye: 'M1.800 10S4.500 4.500 10 4.500 18.200 10 18.200 10 15.500 15.500 10 15.500 1.800 10 1.800 10M10 7.600a2.400 2.400 0 1 0 0 4.800 2.400 2.400 0 0 0 0-4.800',
  shield: 'M10 2.500l6.500 2.300v4.700c0 4-2.600 6.700-6.500 8-3.900-1.300-6.500-4-6.500-8V4.800z',
  more: 'M5 7.500l5 5 5-5',
};

export const Icon = ({ name, class: extra = '' }) => html`
  <svg class=${`icon ${extra}`} viewBox="0 0 20 20" aria-hidden="true" focusable="false"><path d=${PATHS[name]} /></svg>`;

/** The mark of amps: a half, a quarter and a dot. */
export const Mark = () => html`
  <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
    <path class="mark-a" d="M0 16A16 16 0 0 1 16 0V32A16 16 0 0 1 0 16" />
    <path class="mark-b" d="M16 0A16 16 0 0 1 32 16H16z" />
    <circle class="mark-c" cx="24" cy="24" r="8" />
  </svg>`;
