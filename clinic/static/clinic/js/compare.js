/* The compare page: which view, which way, and the keys. Where one stands is kept in the address. */
(() => {
  "use strict";
  const house = window.houseCompare;
  const root = document.querySelector("[data-compare]");
  if (!root) return;
  const MODES = ["side", "slider", "blink"], STEP = 60, CLOSER = 1.25;
  const views = [...root.querySelectorAll("[data-view]")].map((place) => ({ place, pair: JSON.parse(place.dataset.pair) }));
  const stage = house.stage(root), align = house.aligning(root, stage);
  const find = (name) => root.querySelector(`[${name}]`);
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const zoomWords = find("data-zoom-words"), timed = find("data-timed"), full = find("data-full"), chosen = find("data-with");
  let here = Math.max(0, views.findIndex((one) => one.place.classList.contains("c-is-here"))), ticking = 0;

  house.fingers(stage, () => { if (stage.state.mode === "blink") swap(); });
  stage.onChange((state) => { zoomWords.textContent = `${Math.round(state.look.zoom * 100)} %`; });
  root.querySelectorAll("[data-set-mode]").forEach((one) => one.addEventListener("click", () => mode(one.dataset.setMode)));
  root.querySelectorAll("[data-zoom]").forEach((one) => one.addEventListener("click", () => zoom(one.dataset.zoom)));
  root.querySelectorAll("[data-tab]").forEach((one, place) => one.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(place);
  }));
  find("data-swap").addEventListener("click", swap);
  timed.addEventListener("click", () => tick(!ticking));
  calm.addEventListener("change", motion);
  document.addEventListener("visibilitychange", () => { if (document.hidden) tick(false); });
  document.addEventListener("keydown", key);
  if (chosen) chosen.querySelector("select").addEventListener("change", () => chosen.submit());
  if (document.fullscreenEnabled) {
    full.hidden = false;
    full.addEventListener("click", () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen()));
    document.addEventListener("fullscreenchange", () => { full.textContent = document.fullscreenElement ? "Leave full screen" : "Full screen"; });
  }
  new ResizeObserver(() => stage.draw()).observe(stage.field);
  motion();
  open(here);
  mode(MODES.includes(root.dataset.mode) ? root.dataset.mode : MODES[0]);

  function open(place) {
    here = (place + views.length) % views.length;
    const { pair } = views[here];
    views.forEach((one, number) => one.place.classList.toggle("c-is-here", number === here));
    root.querySelectorAll("[data-tab]").forEach((one, number) => {
      one.classList.toggle("c-is-here", number === here);
      if (number === here) { one.setAttribute("aria-current", "true"); visible(one); } else one.removeAttribute("aria-current");
    });
    find("data-stage").setAttribute("aria-label", `${pair.title}: then and now`);
    stage.show(pair);
    align.shown(pair);
    keep();
  }

  /* Sideways only: the page itself stays where it is. */
  function visible(tab) {
    const row = tab.closest("ul"), left = tab.offsetLeft - row.offsetLeft;
    if (left < row.scrollLeft || left + tab.offsetWidth > row.scrollLeft + row.clientWidth) row.scrollLeft = left - 16;
  }

  function mode(name) {
    if ("alone" in root.dataset && name !== MODES[0]) return;
    if (name !== "blink") tick(false);
    find("data-blink").hidden = name !== "blink";
    root.querySelectorAll("[data-set-mode]").forEach((one) => one.setAttribute("aria-pressed", String(one.dataset.setMode === name)));
    stage.mode(name);
    keep();
  }

  function zoom(way) {
    if (way === "reset") stage.reset();
    else stage.zoom(way === "in" ? CLOSER : 1 / CLOSER);
  }

  function swap() {
    if (stage.state.mode !== "blink") mode("blink");
    stage.swap();
  }

  function tick(isOn) {
    clearInterval(ticking);
    ticking = isOn && !calm.matches ? setInterval(() => stage.swap(), 1000) : 0;
    timed.setAttribute("aria-pressed", String(Boolean(ticking)));
  }

  function motion() {
    timed.disabled = calm.matches;
    find("data-calm").hidden = !calm.matches;
    if (calm.matches) tick(false);
  }

  function keep() {
    const asked = new URLSearchParams(location.search);
    asked.set("view", views[here].pair.key);
    asked.set("mode", stage.state.mode);
    if (chosen) {
      asked.set("with", chosen.elements.with.value);
      chosen.elements.view.value = asked.get("view");
      chosen.elements.mode.value = asked.get("mode");
    }
    history.replaceState(null, "", `?${asked}`);
  }

  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const at = event.target, isFree = at === document.body, isStage = at === stage.field || at === stage.divider;
    if (at.closest("input, select, textarea, dialog") || !(isFree || root.contains(at))) return;
    const deed = deeds(event.key, isStage, isFree);
    if (!deed) return;
    event.preventDefault();
    deed();
  }

  /* Arrows and the space bar belong to the page and to its buttons, unless the pictures are what one is at. */
  function deeds(name, isStage, isFree) {
    const moves = { ArrowLeft: [STEP, 0], ArrowRight: [-STEP, 0], ArrowUp: [0, STEP], ArrowDown: [0, -STEP] };
    if (name in moves) return isStage || (isFree && stage.state.look.zoom > 1.001) ? () => stage.pan({ x: moves[name][0], y: moves[name][1] }) : null;
    if (name === " ") return isStage || (isFree && stage.state.mode === "blink") ? swap : null;
    const others = {
      "+": () => zoom("in"), "=": () => zoom("in"), "-": () => zoom("out"), 0: () => zoom("reset"),
      1: () => mode("side"), 2: () => mode("slider"), 3: () => mode("blink"),
      "[": () => open(here - 1), "]": () => open(here + 1),
    };
    return Object.hasOwn(others, name) ? others[name] : null;
  }
})();
