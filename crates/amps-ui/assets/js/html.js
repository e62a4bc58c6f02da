// The framework in one place: Preact's elements written with htm. Pages import from here and never from vendor/.
import { h, render, Fragment } from '../vendor/preact.js';
import htm from '../vendor/htm.js';

export const html = htm.bind(h);
export { h, render, Fragment };
export {
  useState, useEffect, useLayoutEffect, useMemo, useRef, useCallback, useReducer, useId, useErrorBoundary,
} from '../vendor/hooks.js';
