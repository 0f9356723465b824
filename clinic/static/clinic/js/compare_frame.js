/* Where a picture lies: plain arithmetic, no page. Every picture is 1 wide and `ratio` high, laid into the frame of the
   left one. A matrix is [a, b, c, d, e, f] as in CSS: x' = a·x + c·y + e, y' = b·x + d·y + f. */
window.houseCompare = (() => {
  "use strict";
  const LARGEST = 12;

  const times = (m, n) => [
    m[0] * n[0] + m[2] * n[1], m[1] * n[0] + m[3] * n[1],
    m[0] * n[2] + m[2] * n[3], m[1] * n[2] + m[3] * n[3],
    m[0] * n[4] + m[2] * n[5] + m[4], m[1] * n[4] + m[3] * n[5] + m[5],
  ];

  /* The whole picture inside a frame 1 wide and `frame` high, in its middle. */
  function contained(ratio, frame) {
    const s = Math.min(1, frame / ratio);
    return [s, 0, 0, s, (1 - s) / 2, (frame - s * ratio) / 2];
  }

  /* Nine numbers row by row, as the server found them. Null for what is no plain mapping of a plane. */
  function aligned(nine) {
    const isPlain = Array.isArray(nine) && nine.length === 9 && nine.every(Number.isFinite)
      && Math.abs(nine[6]) < 1e-9 && Math.abs(nine[7]) < 1e-9 && Math.abs(nine[8]) > 1e-9;
    if (!isPlain) return null;
    const [a, c, e, b, d, f] = nine.slice(0, 6).map((one) => one / nine[8]);
    return [a, b, c, d, e, f];
  }

  const fit = (box, frame) => Math.min(box.width, box.height / frame);

  /* What of the frame is looked at: `x`, `y` its middle, `zoom` 1 for all of it. */
  function view(look, box, frame) {
    const k = fit(box, frame) * look.zoom;
    return [k, 0, 0, k, box.width / 2 - k * look.x, box.height / 2 - k * look.y];
  }

  /* Nobody loses the picture: its edge never passes the middle it would leave empty. */
  function kept(look, box, frame) {
    const zoom = Math.min(LARGEST, Math.max(1, look.zoom));
    const k = fit(box, frame) * zoom;
    const within = (value, size, room) => {
      const half = room / k / 2;
      return half * 2 >= size ? size / 2 : Math.min(size - half, Math.max(half, value));
    };
    return { zoom, x: within(look.x, 1, box.width), y: within(look.y, frame, box.height) };
  }

  /* Zoom by `factor` so that what lies under the point stays there. The point is in pixels from the box's corner. */
  function zoomed(look, factor, point, box, frame) {
    const zoom = Math.min(LARGEST, Math.max(1, look.zoom * factor));
    const k = fit(box, frame);
    const away = { x: point.x - box.width / 2, y: point.y - box.height / 2 };
    const step = 1 / (k * look.zoom) - 1 / (k * zoom);
    return kept({ zoom, x: look.x + away.x * step, y: look.y + away.y * step }, box, frame);
  }

  function panned(look, by, box, frame) {
    const k = fit(box, frame) * look.zoom;
    return kept({ zoom: look.zoom, x: look.x - by.x / k, y: look.y - by.y / k }, box, frame);
  }

  return { times, contained, aligned, view, kept, zoomed, panned, fit };
})();
