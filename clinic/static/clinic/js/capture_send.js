/* Files on their way to the server: at most three at once, in parts, and going on where they were cut off. Progress is
   what the server has, never what left the browser. */
(() => {
  "use strict";
  const house = window.capture;
  if (!house) return;
  const { ask, told, address, fingerprint, CutOff } = house;
  const PART = 1536 * 1024, AT_ONCE = 3, LONGEST_PAUSE = 20000, MANY = 4, IN_A_FRAME = 25;
  const FULL = ["too_many", "quota", "disk_full", "no_photo_consent", "wrong_state"];
  const items = new Set(), ears = new Set();
  let changed = new Set(), busy = 0, drawing = false, watching = false, number = 0;

  /* state: waiting, sending, stalled (no connection), received (being developed), ready, refused, placed, asleep (half
     of it lies at the server, its file is not here), failed (may be tried again), gone. */
  const isUnsent = (item) => ["waiting", "sending", "stalled"].includes(item.state);

  function add(file, wish = {}) {
    let settle;
    const outcome = new Promise((resolve) => { settle = resolve; });
    const item = {
      number: ++number, file, name: file.name || "Photo from the camera", size: file.size, received: 0, id: "",
      state: "waiting", sentence: "", advice: [], wish, outcome, settle, pauses: 0,
    };
    items.add(item);
    tell(item);
    pump();
    return item;
  }

  function adopt(words) {
    const item = { number: ++number, file: null, name: "Sent earlier", wish: {}, settle() {}, pauses: 0 };
    items.add(item);
    hear(item, words);
    return item;
  }

  function pump() {
    for (const item of items) {
      if (busy >= AT_ONCE) return;
      if (item.state !== "waiting") continue;
      busy += 1;
      item.state = "sending";
      carry(item).finally(() => { busy -= 1; pump(); });
    }
  }

  async function carry(item) {
    while (isUnsent(item)) {
      try {
        if (!item.id) await begin(item);
        while (item.state === "sending") await part(item);
      } catch (trouble) {
        if (!(trouble instanceof CutOff)) { fail(item, trouble); return; }
        await pause(item);
      }
    }
  }

  async function begin(item) {
    item.print = item.print || await fingerprint(item.file);
    const { view, captured, tilt, conditions } = item.wish;
    const say = { size: item.size, fingerprint: item.print, many: !captured && unsent().length > MANY };
    if (view) Object.assign(say, { view, conditions });
    if (captured) Object.assign(say, { captured, conditions });
    if (Number.isFinite(tilt)) say.tilt = tilt;
    const { words } = await ask(told.addresses.begin, { method: "POST", say });
    if (item.state === "gone") { drop(words.id); return; }
    const other = [...items].find((one) => one !== item && one.id === words.id);
    if (other && other.file) { remove(item); return; } // the same file, chosen twice
    if (other) remove(other);
    hear(item, words);
  }

  async function part(item) {
    const body = await bytesOf(item);
    const headers = { "Upload-Offset": String(item.received) };
    const { words } = await ask(address("upload", item.id), { method: "PATCH", body, headers });
    item.pauses = 0;
    hear(item, words); // also where the server was further on than we knew
  }

  async function bytesOf(item) {
    try { return await item.file.slice(item.received, item.received + PART).arrayBuffer(); } catch {
      throw new Error("The file has changed or is gone. Choose it again.");
    }
  }

  /** What the server says of an upload is what holds. */
  function hear(item, words) {
    if (item.state === "gone") return;
    const { id, size, received, sentence, code, thumb, medium, duplicate, photo } = words;
    Object.assign(item, { id, size, received, sentence, code, thumb, medium, duplicate, photo });
    Object.assign(item, { advice: (photo && photo.advice) || words.advice || [], needsTime: Boolean(words.needs_time), view: words.view });
    if (words.state === "receiving") item.state = item.file ? "sending" : "asleep";
    else item.state = words.state === "discarded" ? "gone" : words.state;
    if (["ready", "refused", "placed", "gone"].includes(item.state)) { item.file = null; item.settle(item); }
    tell(item);
    if (item.state === "received") watch();
  }

  function fail(item, trouble) {
    if (trouble.status === 404) Object.assign(item, { id: "", received: 0 }); // nobody keeps it: from the beginning
    Object.assign(item, { state: "failed", sentence: trouble.message, code: trouble.code || "" });
    item.settle(item);
    tell(item);
    // A full tray is full for all that wait: nobody asks two hundred times.
    const next = [...items].find((one) => one.state === "waiting");
    if (FULL.includes(trouble.code) && next) fail(next, trouble);
  }

  /** Wait longer each time; a connection that is back ends the wait. */
  function pause(item) {
    Object.assign(item, { state: "stalled", pauses: item.pauses + 1 });
    tell(item);
    const longest = Math.min(LONGEST_PAUSE, 500 * 2 ** item.pauses);
    return new Promise((resolve) => {
      const go = () => {
        clearTimeout(timer);
        window.removeEventListener("online", go);
        if (item.state === "stalled") item.state = "sending";
        resolve();
      };
      const timer = setTimeout(go, longest * (0.75 + Math.random() / 2));
      window.addEventListener("online", go);
    });
  }

  /** Ask for all that is being developed together: one question, however many there are. */
  async function watch() {
    if (watching) return;
    watching = true;
    for (let wait = 300; waitsFor().length; wait = Math.min(2500, wait * 1.4)) {
      await new Promise((resolve) => { setTimeout(resolve, wait); });
      try { await look(); } catch { /* asked again in a moment */ }
    }
    watching = false;
  }

  const waitsFor = () => [...items].filter((item) => item.state === "received");

  async function look() {
    const waiting = waitsFor(); // of what arrives meanwhile, the answer knows an older state
    const { words } = await ask(told.addresses.begin);
    const known = new Map([...words.placed || [], ...words.uploads].map((one) => [one.id, one]));
    for (const item of waiting.filter((one) => one.state === "received")) {
      const now = known.get(item.id) || (await ask(address("upload", item.id))).words;
      if (now.state !== "received") hear(item, now);
    }
  }

  async function cancel(item) {
    const { id } = item;
    remove(item);
    if (id) await drop(id);
  }

  const drop = (id) => ask(address("discard", id), { method: "POST" }).catch(() => {});

  function remove(item) {
    item.state = "gone";
    item.settle(item);
    tell(item);
    items.delete(item);
  }

  function again(item) {
    Object.assign(item, { state: "waiting", sentence: "", pauses: 0 });
    tell(item);
    pump();
  }

  /** However often something changes, the page is drawn once a frame, and never much of it at once. */
  function tell(item) {
    changed.add(item);
    if (!drawing) later();
  }

  function later() {
    drawing = true;
    if (document.hidden) setTimeout(draw, 200); else requestAnimationFrame(draw);
  }

  function draw() {
    const all = [...changed], now = new Set(all.slice(0, IN_A_FRAME));
    changed = new Set(all.slice(IN_A_FRAME));
    drawing = false;
    ears.forEach((ear) => ear(now));
    if (changed.size && !drawing) later();
  }

  const unsent = () => [...items].filter(isUnsent);

  async function open() {
    try { (await ask(told.addresses.begin)).words.uploads.forEach(adopt); } catch { /* the tray begins empty */ }
  }

  window.addEventListener("beforeunload", (event) => {
    if (unsent().length || house.isUndecided && house.isUndecided()) event.preventDefault();
  });
  house.send = { items, add, cancel, again, hear, unsent, open, listen: (ear) => ears.add(ear), tell };
})();
