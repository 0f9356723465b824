/* The views of the set: which is taken, weak or missing, which is the current one, and how it is taken. */
(() => {
  "use strict";
  const house = window.capture;
  if (!house) return;
  const { page, told, find, send } = house;
  const WORDS = { missing: "Missing", weak: "Weak", taken: "Taken", sending: "Sending" };
  const CHIPS = { missing: "calm", weak: "wait", taken: "good", sending: "accent" };
  const voices = [...document.querySelectorAll("[data-says]")], ears = new Set();
  const views = told.views.map((view) => ({ ...view, row: page.querySelector(`[data-view="${view.id}"]`) }));
  let current = null;

  const byId = (id) => views.find((view) => view.id === id);
  const missing = () => views.filter((view) => view.required && view.state === "missing");

  /** The next one still missing, in the set's order, around the end. */
  function next() {
    const from = views.indexOf(current) + 1;
    return [...views.slice(from), ...views.slice(0, from)].find((view) => view.required && view.state === "missing");
  }

  function choose(view) {
    current = view || null;
    document.querySelectorAll("[data-how]").forEach((how) => { how.hidden = !view || how.dataset.how !== view.id; });
    views.forEach((one) => {
      const isIt = one === current;
      one.row.classList.toggle("c-view--current", isIt);
      find("pick", one.row).setAttribute("aria-current", isIt ? "step" : "false");
    });
    find("now").hidden = !current;
    find("all-taken").hidden = Boolean(current) || missing().length > 0;
    ears.forEach((ear) => ear(current));
  }

  function goOn() {
    choose(next());
    return current;
  }

  function show(view) {
    const chip = find("chip", view.row), advice = find("advice", view.row);
    const isSending = view.sending !== undefined && view.sending !== null;
    const how = isSending ? "sending" : view.state;
    chip.className = `c-chip c-chip--${CHIPS[how]}`;
    chip.textContent = isSending ? view.sending : how === "missing" && !view.required ? "If wanted" : WORDS[how];
    advice.hidden = !view.advice.length;
    advice.textContent = view.advice.join(" ");
    find("mend", view.row).hidden = !view.photo;
    const there = views.filter((one) => one.state !== "missing").length;
    find("count").textContent = `${there} of ${views.length} taken`;
    find("weak-left").hidden = !views.some((one) => one.state === "weak");
  }

  /** A photo stands at its view now; `photo` as the server tells it, null when it was taken away again. */
  function put(view, photo) {
    const image = find("shot", view.row);
    view.sending = null;
    view.photo = photo ? photo.id : "";
    view.advice = photo ? photo.advice || [] : [];
    view.state = !photo ? "missing" : view.advice.length ? "weak" : "taken";
    image.hidden = !photo;
    find("no-shot", view.row).hidden = Boolean(photo);
    if (photo) image.src = photo.thumb;
    show(view);
    if (!current || missing().length === 0) find("all-taken").hidden = missing().length > 0 || Boolean(current);
  }

  function sends(view, words) {
    if (view.sending === words) return;
    view.sending = words;
    show(view);
  }

  function say(words) {
    voices.forEach((voice) => { voice.textContent = voice.textContent === words ? `${words}\u00a0` : words; });
  }

  /* What is on its way to a view shows there, wherever it was chosen. */
  send.listen((changed) => {
    for (const item of changed) {
      const view = byId(item.state === "placed" && item.photo ? item.photo.view : item.wish.view || "");
      if (!view) continue;
      if (item.state === "placed") {
        if (!item.isPut) { item.isPut = true; put(view, item.photo); }
      } else if (["waiting", "sending"].includes(item.state)) sends(view, `Sending ${percent(item)} %`);
      else if (item.state === "received") sends(view, "Being developed");
      else if (item.state === "stalled") sends(view, "No connection");
      else sends(view, null);
    }
  });

  const percent = (item) => Math.floor(100 * item.received / Math.max(1, item.size));

  page.addEventListener("click", (event) => {
    const pick = event.target.closest("[data-pick]");
    if (!pick) return;
    choose(byId(pick.closest("[data-view]").dataset.view));
    find("now").scrollIntoView({ block: "nearest" });
    find("now-title").focus();
  });

  house.views = {
    all: views, byId, missing, next, choose, goOn, put, sends, say, show, percent,
    listen: (ear) => ears.add(ear), get current() { return current; },
  };
})();
