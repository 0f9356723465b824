/* Walking through the views with the camera: the ghost, the shutter, the look at what was taken, and on to the next. */
(() => {
  "use strict";
  const house = window.capture;
  if (!house) return;
  const { send, views, camera, level, conditions, find } = house;
  const room = document.querySelector("[data-camera]"), part = (name) => find(name, room);
  const video = part("video"), frame = part("frame"), ghost = part("ghost"), shot = part("shot");
  const how = find("hows"), home = how.parentElement, wide = window.matchMedia("(width >= 64rem)");
  const ENOUGH = 5000; // milliseconds somebody waits for a picture to arrive before the next view comes anyway
  let taken = null, step = "live", showing = "";

  house.isUndecided = () => Boolean(taken) && step === "look";

  /** live: the camera's picture; look: what was taken; wait: it is being sent; weak: it could be better. */
  function go(to) {
    step = to;
    room.dataset.step = to;
    part("live").hidden = to !== "live";
    part("look").hidden = to !== "look";
    part("wait").hidden = to !== "wait";
    part("weak").hidden = to !== "weak";
    part("tools").inert = to !== "live";
    shot.hidden = to === "live";
    if (to === "live") drop();
  }

  function drop() {
    if (taken) URL.revokeObjectURL(taken.address);
    taken = null;
    shot.removeAttribute("src");
  }

  async function open() {
    if (!conditions.areRight()) return;
    find("trouble").hidden = true;
    if (!views.current) views.choose(views.next() || views.all[0]);
    room.showModal();
    face(views.current);
    part("how-place").append(how);
    part("how-box").open = wide.matches;
    go("live");
    level.begin();
    await start(() => camera.begin(video));
  }

  async function start(begin) {
    part("shutter").disabled = true;
    try { await begin(); } catch (trouble) { close(); without(trouble.message); return; }
    if (!room.open) { camera.end(); return; }
    frame.style.setProperty("--ratio", video.videoWidth / video.videoHeight);
    part("switch").hidden = camera.count() < 2;
    part("shutter").disabled = false;
    part("shutter").focus();
  }

  function without(sentence) {
    const note = find("trouble");
    note.hidden = false;
    find("trouble-words").textContent = sentence;
    note.focus();
    views.say(sentence);
  }

  function close() {
    if (room.open) room.close();
  }

  room.addEventListener("close", () => {
    camera.end();
    level.end();
    home.prepend(how);
    go("live");
    if (find("trouble").hidden) find("open-camera").focus();
  });
  room.addEventListener("cancel", (event) => {
    if (step === "look") { event.preventDefault(); go("live"); part("shutter").focus(); }
  });

  /** The current view: its name, and its baseline as the ghost. */
  function face(view) {
    if (!view) return;
    const at = views.all.indexOf(view) + 1;
    part("title").textContent = view.title;
    part("where").textContent = `${at} of ${views.all.length}`;
    if (showing !== view.id) { showing = view.id; ghost.removeAttribute("src"); }
    part("ghost-tools").hidden = !view.ghost;
    part("no-ghost").hidden = Boolean(view.ghost);
    ghost.hidden = !view.ghost;
    ghost.alt = `${view.title} at the baseline`;
    if (view.ghost && room.open) ghost.src = view.ghost; // the large one, so only where somebody looks at it
  }

  async function shoot() {
    if (part("shutter").disabled || step !== "live") return;
    part("shutter").disabled = true;
    const tilt = level.read();
    try {
      const blob = await camera.shoot(conditions.read().flash === true);
      taken = { blob, view: views.current, tilt, address: URL.createObjectURL(blob) };
      shot.src = taken.address;
      shot.alt = `${taken.view.title}, just taken`;
      go("look");
      part("use").focus();
      views.say(`${taken.view.title}: is it sharp, and is all of it there?`);
    } catch (trouble) { close(); without(trouble.message); } finally { part("shutter").disabled = false; }
  }

  async function use() {
    const { blob, view, tilt } = taken;
    const item = send.add(blob, { view: view.id, captured: true, tilt, conditions: conditions.read() });
    item.name = view.title;
    go("wait");
    const late = new Promise((resolve) => { setTimeout(resolve, ENOUGH, "late"); });
    const isLate = await Promise.race([item.outcome, late]) === "late";
    if (isLate) item.outcome.then(() => report(item, view));
    if (!room.open || step !== "wait") { if (!isLate) report(item, view); return; }
    if (isLate) { views.sends(view, `Sending ${views.percent(item)} %`); onward(`${view.title} is on its way.`, view); return; }
    const words = item.state === "placed" ? item.advice.join(" ") : item.sentence;
    if (!words) { onward(`${view.title} is taken.`, view); return; }
    part("weak-words").textContent = words;
    part("keep").hidden = item.state !== "placed";
    if (item.state !== "placed") send.cancel(item); // it will not become a photo: nothing of it stays in the tray
    go("weak");
    part("again").focus();
    views.say(words);
  }

  /** What came back after the next view had begun. */
  function report(item, view) {
    if (item.state === "placed" && !item.advice.length) return;
    const words = item.state === "placed" ? item.advice.join(" ") : item.sentence;
    if (words) views.say(`${view.title}: ${words}`);
    part("late").hidden = !words;
    part("late").textContent = words ? `${view.title}: ${words}` : "";
  }

  function onward(words, view) {
    const isNow = (one) => one.id === view.id || one.sending;
    const left = views.missing().filter((one) => !isNow(one));
    if (!left.length) { finish(words); return; }
    const from = views.all.indexOf(view);
    const next = left.find((one) => views.all.indexOf(one) > from) || left[0];
    views.choose(next);
    go("live");
    part("shutter").focus();
    views.say(`${words} Now: ${next.title.toLowerCase()}.`);
  }

  function finish(words) {
    views.choose(null);
    close();
    const all = find("all-taken");
    all.hidden = false;
    find("all-title").focus();
    views.say(`${words} No view is missing.`);
  }

  function again() {
    go("live");
    part("shutter").focus();
  }

  function turn(by) {
    const at = views.all.indexOf(views.current), all = views.all.length;
    views.choose(views.all[(at + by + all) % all]);
    views.say(views.current.title);
  }

  const seen = part("opacity");
  const fade = () => { ghost.style.opacity = seen.value / 100; part("opacity-words").textContent = `${seen.value} %`; };
  seen.addEventListener("input", fade);
  fade();
  part("grid-on").addEventListener("click", ({ currentTarget }) => {
    const isOn = currentTarget.getAttribute("aria-pressed") !== "true";
    currentTarget.setAttribute("aria-pressed", String(isOn));
    part("grid").hidden = !isOn;
  });
  part("switch").addEventListener("click", () => start(async () => { views.say(`Camera: ${await camera.change()}`); }));
  part("shutter").addEventListener("click", shoot);
  part("use").addEventListener("click", use);
  part("retake").addEventListener("click", again);
  part("again").addEventListener("click", again);
  part("keep").addEventListener("click", () => onward(`${views.current.title} is kept.`, views.current));
  part("before").addEventListener("click", () => turn(-1));
  part("after").addEventListener("click", () => turn(1));
  part("close").addEventListener("click", close);
  video.addEventListener("resize", () => frame.style.setProperty("--ratio", video.videoWidth / video.videoHeight));
  room.addEventListener("keydown", (event) => {
    const isOther = event.target.closest("button, summary, a");
    if (!["Enter", " "].includes(event.key) || isOther || step !== "live" || event.repeat) return;
    event.preventDefault();
    shoot();
  });
  find("open-camera").addEventListener("click", open);
  views.listen(face);
  house.shots = { open, isOpen: () => room.open };
})();
