// How fast something goes, over the last seconds.
const WINDOW_MS = 6000;

export function meter() {
  let points = [];
  return {
    at(bytes, now = performance.now()) {
      // After a new beginning what was measured before counts no more.
      if (points.length > 0 && bytes < points.at(-1).bytes) points = [];
      points.push({ bytes, now });
      while (points.length > 2 && now - points[0].now > WINDOW_MS) points.shift();
    },
    bytesPerSecond() {
      if (points.length < 2) return NaN;
      const [first, end] = [points[0], points.at(-1)];
      const ms = end.now - first.now;
      return ms < 300 ? NaN : ((end.bytes - first.bytes) * 1000) / ms;
    },
  };
}
