/* How far the phone is turned out of level, where it has the sensors to tell. Held flat over a head it has no level to
   be turned out of: then nothing is shown and nothing is sent. */
(() => {
  "use strict";
  const house = window.capture;
  if (!house) return;
  const level = document.querySelector("[data-level]"), line = document.querySelector("[data-level-line]");
  const word = document.querySelector("[data-level-word]");
  const LEVEL = 2, LEAST_UPRIGHT = 0.35, SMOOTH = 0.25, TURN = Math.PI / 180;
  let tilt = null, isHeard = false;

  /** Ask for the sensors: some phones want to be asked on a tap. */
  async function begin() {
    const sensor = window.DeviceOrientationEvent;
    if (!sensor || isHeard) return;
    try {
      if (sensor.requestPermission && await sensor.requestPermission() !== "granted") return;
    } catch { return; }
    isHeard = true;
    window.addEventListener("deviceorientation", hear);
  }

  function end() {
    window.removeEventListener("deviceorientation", hear);
    isHeard = false;
    tilt = null;
    level.hidden = true;
  }

  function hear({ beta, gamma }) {
    if (beta === null || gamma === null) return;
    // Which way is up, in the phone's own directions.
    const x = -Math.cos(beta * TURN) * Math.sin(gamma * TURN), y = Math.sin(beta * TURN);
    if (Math.hypot(x, y) < LEAST_UPRIGHT) {
      tilt = null;
      level.hidden = true;
      return;
    }
    const now = nearestQuarter(Math.atan2(x, y) / TURN);
    tilt = tilt === null || Math.abs(now - tilt) > 20 ? now : tilt + SMOOTH * (now - tilt);
    show();
  }

  /** Upright and on its side are both level: what counts is how far it is from the nearest of them. */
  const nearestQuarter = (angle) => angle - 90 * Math.round(angle / 90);

  function show() {
    const isLevel = Math.abs(tilt) <= LEVEL;
    level.hidden = false;
    level.classList.toggle("c-level--even", isLevel);
    line.style.transform = `rotate(${tilt.toFixed(1)}deg)`;
    const words = isLevel ? "Level" : `Tilted ${Math.round(Math.abs(tilt))}°`;
    if (word.textContent !== words) word.textContent = words;
  }

  house.level = { begin, end, read: () => (tilt === null ? null : Math.round(tilt * 10) / 10) };
})();
