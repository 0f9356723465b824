/* The calendar: appointments open in a dialog, are dragged to another time, and the keys. What others change appears
   by itself. Without this script everything is there as links and pages. */
(() => {
  "use strict";
  const EVERY = 10000, SNAP = 3, FAR_ENOUGH = 5, STEP = 5, ALL = "k-c1-12";
  const dialog = document.getElementById("k-dialog"), sheet = document.getElementById("k-sheet");
  const keys = document.getElementById("k-keys"), late = document.querySelector("[data-late]");
  if (!dialog || !sheet) return;
  let drag = null, goodAt = new Date(), isAsking = false, justDragged = false, opener = "";

  const live = () => document.getElementById("calendar");
  const here = () => location.pathname + live().dataset.ask;

  // -- the dialog ----------------------------------------------------------------------------------------------------
  function opens(address, from) {
    opener = from && from.id ? from.id : "";
    const back = new URL(address, location.href);
    back.searchParams.set("back", here());
    sheet.replaceChildren(waiting());
    if (!dialog.open) dialog.showModal();
    htmx.ajax("GET", back.pathname + back.search, { target: sheet, swap: "innerHTML" })
      .catch(() => failed(address));
  }

  function waiting() {
    const words = document.createElement("p");
    words.className = "c-quiet";
    words.textContent = "Loading …";
    return words;
  }

  function failed(address) {
    const words = waiting(), way = document.createElement("a");
    words.textContent = "The clinic’s server does not answer just now. ";
    way.className = "c-link";
    way.href = address;
    way.textContent = "Try the whole page";
    words.append(way);
    sheet.replaceChildren(words, closer());
  }

  function closer() {
    const button = document.createElement("button");
    button.className = "c-button c-button--small";
    button.type = "button";
    button.dataset.close = "";
    button.textContent = "Close";
    return button;
  }

  sheet.addEventListener("htmx:afterSettle", () => {
    const title = sheet.querySelector("h2");
    if (title) dialog.setAttribute("aria-label", title.textContent.trim());
    const wrong = sheet.querySelector("[role=alert]");
    const first = wrong ? null : sheet.querySelector("input[name=what]:checked, [data-focus], input[name=first_name]");
    if (first && !sheet.contains(document.activeElement)) first.focus();
  });
  ["htmx:responseError", "htmx:sendError", "htmx:timeout"].forEach((name) => sheet.addEventListener(name, (event) => {
    if (event.detail.target === sheet) failed(event.detail.pathInfo.requestPath);
  }));

  // In the search: Enter takes the first who was found, the arrows go through them.
  sheet.addEventListener("keydown", (event) => {
    const found = [...sheet.querySelectorAll(".k-found__one")], find = sheet.querySelector("#k-find");
    const on = found.indexOf(event.target);
    if (event.target !== find && on < 0) return;
    if (event.key === "Enter" && event.target === find) {
      event.preventDefault();
      if (found[0]) found[0].click();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !found.length) return;
    event.preventDefault();
    (on + step < 0 ? find : found[Math.min(on + step, found.length - 1)]).focus();
  });

  dialog.addEventListener("close", () => {
    sheet.replaceChildren();
    const from = opener && document.getElementById(opener);
    if (from) from.focus();
    look();
  });
  [dialog, keys].forEach((one) => one.addEventListener("click", (event) => {
    if (event.target === one || event.target.closest("[data-close]")) one.close();
  }));

  document.addEventListener("click", (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (justDragged) { event.preventDefault(); justDragged = false; return; }
    const link = event.target.closest("a.k-event, a.k-line");
    if (link) { event.preventDefault(); opens(details(link), link); return; }
    const asks = event.target.closest("a[data-dialog]");
    if (asks) { event.preventDefault(); opens(asks.href, asks); return; }
    const free = event.target.closest("[data-free]");
    if (free && !event.target.closest(".k-event")) pointed(free, event.clientY);
    const choice = document.querySelector("details.k-choose[open]");
    if (choice && !choice.contains(event.target)) choice.open = false;
  });

  const details = (link) => `${location.pathname}${link.id.slice(1)}/`;

  function pointed(body, y) {
    const grid = body.closest(".k-grid"), column = body.closest(".k-col");
    if (!grid.dataset.new || !column) return;
    opens(slot(grid.dataset.new, column, clock(grid, Math.floor(row(body, y) / SNAP) * SNAP)), null);
  }

  function slot(address, column, time) {
    const ask = new URLSearchParams({ day: column.dataset.day, time });
    ["practitioner", "room"].forEach((name) => { if (column.dataset[name]) ask.set(name, column.dataset[name]); });
    return `${address}?${ask}`;
  }

  const rows = (grid) => Number(grid.dataset.rows);
  function row(body, y) {
    const box = body.getBoundingClientRect(), count = rows(body.closest(".k-grid"));
    return Math.max(0, Math.min(count - 1, ((y - box.top) / box.height) * count));
  }

  function clock(grid, at) {
    const minutes = Number(grid.dataset.first) + at * STEP;
    return [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, "0")).join(":");
  }

  // -- dragging: nothing is written; dropping opens the page that shows what follows ---------------------------------
  document.addEventListener("pointerdown", (event) => {
    justDragged = false;
    const link = event.target.closest("a.k-event[data-minutes]");
    if (!link || event.button || event.pointerType === "touch" || !link.closest(".k-col")) return;
    const box = link.getBoundingClientRect();
    drag = { link, id: event.pointerId, x: event.clientX, y: event.clientY, grip: event.clientY - box.top, on: null };
  });

  document.addEventListener("dragstart", (event) => { if (event.target.closest(".k-event")) event.preventDefault(); });

  document.addEventListener("pointermove", (event) => {
    if (!drag || event.pointerId !== drag.id) return;
    if (!drag.ghost && Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < FAR_ENOUGH) return;
    if (!drag.ghost) lift();
    edge(event);
    const under = document.elementFromPoint(event.clientX, event.clientY);
    const column = under && under.closest(".k-col");
    if (!column) return;
    const body = column.querySelector(".k-body"), grid = body.closest(".k-grid"), count = rows(grid);
    const length = Math.ceil(Number(drag.link.dataset.minutes) / STEP);
    const top = Math.round(row(body, event.clientY - drag.grip) / SNAP) * SNAP;
    const at = Math.max(0, Math.min(count - length, top));
    if (drag.on === column && drag.at === at) return;
    Object.assign(drag, { on: column, at });
    drag.ghost.className = `k-event k-ghost k-r${at + 1} k-s${Math.max(length, 4)} ${ALL}`;
    drag.ghost.querySelector(".k-when").textContent = clock(grid, at);
    body.append(drag.ghost);
  });

  function lift() {
    drag.ghost = document.createElement("div");
    drag.ghost.className = "k-event k-ghost";
    drag.ghost.innerHTML = '<b><span class="k-when"></span> <span class="k-who"></span></b>';
    const name = drag.link.querySelector("b").lastChild;
    drag.ghost.querySelector(".k-who").textContent = name.textContent.trim();
    drag.link.classList.add("is-lifted");
    document.documentElement.classList.add("k-dragging");
  }

  function edge(event) {
    const box = document.getElementById("k-scroll").getBoundingClientRect(), scroll = document.getElementById("k-scroll");
    if (event.clientY > box.bottom - 30) scroll.scrollTop += 12;
    if (event.clientY < box.top + 60) scroll.scrollTop -= 12;
    if (event.clientX > box.right - 30) scroll.scrollLeft += 12;
    if (event.clientX < box.left + 60) scroll.scrollLeft -= 12;
  }

  function putBack() {
    if (drag && drag.ghost) drag.ghost.remove();
    if (drag) drag.link.classList.remove("is-lifted");
    document.documentElement.classList.remove("k-dragging");
    drag = null;
  }

  document.addEventListener("pointerup", (event) => {
    if (!drag || event.pointerId !== drag.id) return;
    const { link, on, at, ghost } = drag;
    if (!ghost) { drag = null; return; }
    justDragged = true;
    setTimeout(() => { justDragged = false; }, 0);
    const home = link.closest(".k-col");
    const same = on === home && link.classList.contains(`k-r${at + 1}`);
    if (!on || same) { putBack(); return; }
    const grid = on.closest(".k-grid"), side = grid.dataset.by;
    const ask = new URLSearchParams({
      [side]: on.dataset[side] || "", [side === "room" ? "practitioner" : "room"]: link.dataset.other,
      day: on.dataset.day, other_time: clock(grid, at), minutes: link.dataset.minutes, back: here(),
    });
    document.documentElement.classList.remove("k-dragging");
    location.assign(`${link.getAttribute("href")}move/?${ask}`);
  });
  document.addEventListener("pointercancel", putBack);
  // Back from the move page: what was lifted stands where it stood.
  window.addEventListener("pageshow", putBack);

  // -- keys ----------------------------------------------------------------------------------------------------------
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && drag) { event.preventDefault(); justDragged = Boolean(drag.ghost); putBack(); return; }
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    const field = event.target.closest("input, textarea, select, [contenteditable]");
    if (field || dialog.open || keys.open) return;
    if (event.key.startsWith("Arrow") && event.target.closest("[role=region]") && scrolls(event.target)) return;
    if (event.key === "?") { event.preventDefault(); keys.showModal(); return; }
    if (event.key === "/") {
      const find = document.getElementById("find-patient");
      if (find) { event.preventDefault(); find.focus(); find.select(); }
      return;
    }
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const way = document.querySelector(`a[data-key="${CSS.escape(name)}"]`);
    if (way) { event.preventDefault(); way.click(); }
  });

  // The arrows move what is too wide for the window, as everywhere.
  const scrolls = (part) => { const box = part.closest("[role=region]"); return box.scrollWidth > box.clientWidth + 1; };

  const help = document.querySelector("[data-keys]");
  if (help) {
    help.hidden = false;
    help.addEventListener("click", () => keys.showModal());
  }
  const jump = document.querySelector("[data-jump]");
  if (jump) jump.querySelector("[type=date]").addEventListener("change", (event) => {
    if (event.target.value) jump.requestSubmit();
  });

  // -- what others change --------------------------------------------------------------------------------------------
  const isBusy = () => drag || dialog.open || keys.open || document.hidden
    || document.querySelector("details[open] form, #calendar :is(input, textarea):focus");

  async function look() {
    if (isAsking || isBusy() || !live()) return;
    isAsking = true;
    const asked = live();
    try {
      const address = `${location.pathname}${asked.dataset.ask}&part=live&token=${encodeURIComponent(asked.dataset.token)}`;
      const answer = await fetch(address, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      if (answer.status !== 204) put(await answer.text());
      goodAt = new Date();
      late.hidden = true;
    } catch {
      late.querySelector("[data-since]").textContent = goodAt.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
      late.hidden = false;
    } finally { isAsking = false; }
  }

  // The new one stands where the old one stood: the same part in view, the same thing in focus.
  function put(text) {
    const page = new DOMParser().parseFromString(text, "text/html");
    const fresh = page.getElementById("calendar"), lead = page.getElementById("k-lead");
    if (!fresh) throw new Error("not the calendar");
    if (isBusy()) return;
    const scroll = document.getElementById("k-scroll"), focus = document.activeElement;
    const at = scroll ? [scroll.scrollLeft, scroll.scrollTop] : null;
    const id = focus && live().contains(focus) ? focus.id : "";
    live().replaceWith(document.adoptNode(fresh));
    if (lead) document.getElementById("k-lead").replaceWith(document.adoptNode(lead));
    htmx.process(live());
    const now = document.getElementById("k-scroll");
    if (now && at) [now.scrollLeft, now.scrollTop] = at;
    const again = id && document.getElementById(id);
    if (again) again.focus({ preventScroll: true });
  }

  setInterval(look, EVERY);
  document.addEventListener("visibilitychange", look);
  document.addEventListener("calendar:look", look);

  // The morning's first hour, or now: whatever is further down.
  const line = document.querySelector(".k-now"), scroll = document.getElementById("k-scroll");
  if (line && scroll && scroll.scrollHeight > scroll.clientHeight) {
    scroll.scrollTop = Math.max(0, line.offsetTop - scroll.clientHeight / 3);
  }
})();
