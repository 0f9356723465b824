/* Wheel, drag, pinch, double tap and the divider, by mouse, pen and fingers alike. */
(() => {
  "use strict";
  const house = window.houseCompare;
  const NEAR = 2.5, TAP = 8, TWICE = 350;

  house.fingers = (stage, tapped) => {
    const { field, divider, state } = stage;
    const down = new Map();
    let pinch = null, moved = 0, last = null, held = null;

    field.addEventListener("wheel", wheel, { passive: false });
    field.addEventListener("pointerdown", begin);
    field.addEventListener("pointermove", go);
    ["pointerup", "pointercancel", "lostpointercapture"].forEach((name) => field.addEventListener(name, end));
    field.addEventListener("dblclick", (event) => event.preventDefault());

    /* Out of the whole picture there is nothing further: the page scrolls on. */
    function wheel(event) {
      if (event.deltaY > 0 && state.look.zoom <= 1) return;
      event.preventDefault();
      stage.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002)), within(event));
    }

    /* From the corner of the pane under the finger: both panes are the same size. */
    function within(event) {
      const pane = event.target.closest?.(".c-stage__side")?.querySelector(".c-stage__pane") || field;
      const box = pane.getBoundingClientRect();
      return { x: event.clientX - box.left, y: event.clientY - box.top };
    }

    function begin(event) {
      if (event.button || event.target.closest("button")) return;
      down.set(event.pointerId, { x: event.clientX, y: event.clientY });
      if (down.size === 1) {
        moved = 0;
        const swipes = state.mode === "slider" && !divider.hidden && state.look.zoom <= 1.001;
        held = divider.contains(event.target) || swipes ? "divider" : "picture";
      }
      pinch = down.size === 2 ? spread() : null;
      field.setPointerCapture(event.pointerId);
    }

    function go(event) {
      const was = down.get(event.pointerId);
      if (!was) return;
      const by = { x: event.clientX - was.x, y: event.clientY - was.y };
      down.set(event.pointerId, { x: event.clientX, y: event.clientY });
      moved += Math.hypot(by.x, by.y);
      if (down.size === 2 && pinch) return pinched();
      if (down.size > 1) return;
      if (held === "divider") {
        if (moved > TAP) split(event.clientX);
      } else stage.pan(by);
    }

    function pinched() {
      const next = spread();
      stage.pan({ x: next.x - pinch.x, y: next.y - pinch.y });
      if (pinch.apart > 0) stage.zoom(next.apart / pinch.apart, { x: next.x - next.left, y: next.y - next.top });
      pinch = next;
    }

    function spread() {
      const [a, b] = [...down.values()], box = stage.box();
      const pane = { left: paneLeft(a, box), top: paneTop(a, box) };
      return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, apart: Math.hypot(a.x - b.x, a.y - b.y), ...pane };
    }

    /* Two fingers may lie on either pane: the corner of the one under the first. */
    function paneOf(point) {
      const panes = [...field.querySelectorAll(".c-stage__pane")].map((one) => one.getBoundingClientRect());
      return panes.find((one) => point.x >= one.left && point.x <= one.right && point.y >= one.top && point.y <= one.bottom);
    }
    const paneLeft = (point, box) => (paneOf(point) || box).left;
    const paneTop = (point, box) => (paneOf(point) || box).top;

    function end(event) {
      if (!down.delete(event.pointerId)) return;
      pinch = down.size === 2 ? spread() : null;
      if (down.size || moved > TAP || event.type !== "pointerup") { if (moved > TAP) last = null; return; }
      tap(event);
    }

    function tap(event) {
      const here = { x: event.clientX, y: event.clientY }, at = performance.now();
      const isSecond = last && at - last.at < TWICE && Math.hypot(here.x - last.x, here.y - last.y) < 30;
      last = isSecond ? null : { ...here, at };
      tapped();
      if (!isSecond) return;
      if (state.look.zoom > 1.001) stage.reset();
      else stage.zoom(NEAR, within({ ...here, clientX: here.x, clientY: here.y, target: under(here) }));
    }

    const under = (point) => document.elementFromPoint(point.x, point.y) || field;

    function split(x) {
      const box = field.getBoundingClientRect();
      stage.split(((x - box.left) / box.width) * 100);
    }

    divider.addEventListener("keydown", (event) => {
      const steps = { ArrowLeft: -2, ArrowDown: -2, ArrowRight: 2, ArrowUp: 2, PageDown: -10, PageUp: 10, Home: -100, End: 100 };
      if (!(event.key in steps) || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      stage.split(state.split + steps[event.key]);
    });
  };
})();
