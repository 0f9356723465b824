/* The pad to sign on. Sends whole numbers on a sheet of 1000 × 320, whatever the screen; the picture is drawn by the
   server. Without this script the pad does not show, and the other ways to sign are there. */
(() => {
  "use strict";
  const WIDTH = 1000, HEIGHT = 320, MOST_POINTS = 5000, LEAST_STEP = 3;
  const form = document.querySelector("form[data-signs]");
  if (!form) return;
  const sheet = form.querySelector("canvas"), field = form.querySelector("[name=strokes]");
  const clear = form.querySelector("[data-clear]"), ways = [...form.querySelectorAll("[name=method]")];
  const strokes = read(field.value);
  let current = null;

  form.querySelectorAll("[data-needs-script]").forEach((part) => { part.hidden = false; });
  if (!ways.some((way) => way.checked)) ways.find((way) => way.value === "drawn").checked = true;
  ways.forEach((way) => way.addEventListener("change", show));
  sheet.addEventListener("pointerdown", begin);
  sheet.addEventListener("pointermove", go);
  ["pointerup", "pointercancel"].forEach((name) => sheet.addEventListener(name, end));
  clear.addEventListener("click", () => { strokes.length = 0; current = null; keep(); });
  window.addEventListener("resize", draw);
  show();

  function read(text) {
    try {
      const found = JSON.parse(text || "[]");
      const isPoint = (p) => Array.isArray(p) && p.length === 2 && p.every(Number.isFinite);
      return Array.isArray(found) && found.every((s) => Array.isArray(s) && s.every(isPoint)) ? found : [];
    } catch { return []; }
  }

  function show() {
    const chosen = ways.find((way) => way.checked);
    form.querySelectorAll("[data-way]").forEach((part) => {
      part.hidden = !part.dataset.way.split(" ").includes(chosen.value);
    });
    draw();
  }

  function point(event) {
    const box = sheet.getBoundingClientRect();
    const within = (value, most) => Math.round(Math.min(most, Math.max(0, value)));
    return [
      within(((event.clientX - box.left) / box.width) * WIDTH, WIDTH),
      within(((event.clientY - box.top) / box.height) * HEIGHT, HEIGHT),
    ];
  }

  function begin(event) {
    if (event.button || current || count() >= MOST_POINTS) return;
    event.preventDefault();
    sheet.setPointerCapture(event.pointerId);
    current = { pointer: event.pointerId, points: [point(event)] };
    strokes.push(current.points);
    draw();
  }

  function go(event) {
    if (!current || event.pointerId !== current.pointer) return;
    const all = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
    for (const one of all.length ? all : [event]) {
      const next = point(one), last = current.points[current.points.length - 1];
      const isFar = Math.hypot(next[0] - last[0], next[1] - last[1]) >= LEAST_STEP;
      if (isFar && count() < MOST_POINTS) current.points.push(next);
    }
    draw();
  }

  function end(event) {
    if (!current || event.pointerId !== current.pointer) return;
    current = null;
    keep();
  }

  function count() { return strokes.reduce((sum, stroke) => sum + stroke.length, 0); }

  function keep() {
    field.value = strokes.length ? JSON.stringify(strokes) : "";
    draw();
  }

  function draw() {
    const box = sheet.getBoundingClientRect();
    if (!box.width) return;
    const dense = window.devicePixelRatio || 1;
    sheet.width = Math.round(box.width * dense);
    sheet.height = Math.round(box.height * dense);
    const pen = sheet.getContext("2d");
    pen.scale(sheet.width / WIDTH, sheet.height / HEIGHT);
    pen.strokeStyle = "#c9d2d2";
    pen.lineWidth = 2;
    line(pen, [[60, 262], [940, 262]]);
    pen.strokeStyle = "#16242b";
    pen.lineWidth = 5;
    pen.lineCap = pen.lineJoin = "round";
    strokes.forEach((stroke) => line(pen, stroke.length > 1 ? stroke : [stroke[0], stroke[0]]));
  }

  function line(pen, points) {
    pen.beginPath();
    points.forEach(([x, y], place) => (place ? pen.lineTo(x, y) : pen.moveTo(x, y)));
    pen.stroke();
  }
})();
