/* The tray: files on their way and those that wait for somebody to say which view they show. */
(() => {
  "use strict";
  const house = window.capture;
  if (!house) return;
  const { told, find, send, views, conditions, ask, address } = house;
  const list = find("cards"), pattern = find("card").content;
  const overall = find("overall"), cards = new Map(), MB = 1024 * 1024;
  let wanted = null; // the card whose file is chosen again

  function take(files, wish = {}) {
    if (!files.length || !conditions.areRight()) return;
    const said = wish.view ? { ...wish, conditions: conditions.read() } : wish;
    [...files].forEach((file) => send.add(file, said));
    views.say(files.length === 1 ? `${files[0].name} is being sent.` : `${files.length} photos are being sent.`);
  }

  function cardOf(item) {
    let card = cards.get(item);
    if (card) return card;
    card = pattern.cloneNode(true).firstElementChild;
    card.dataset.number = item.number;
    find("name", card).textContent = item.name;
    cards.set(item, card);
    list.append(card);
    return card;
  }

  const LINES = {
    waiting: () => "Waits for its turn",
    sending: (item) => `${amount(item.received)} of ${amount(item.size)} MB sent`,
    stalled: (item) => `No connection: goes on by itself from ${amount(item.received)} MB`,
    received: () => "Being developed",
    asleep: (item) => `${amount(item.received)} of ${amount(item.size)} MB sent. Choose the file again to go on.`,
    ready: () => "", refused: () => "", failed: () => "", placed: () => "",
  };
  const amount = (bytes) => (bytes / MB).toFixed(1);

  function show(item) {
    const isDone = item.state === "gone" || item.state === "placed";
    if (isDone || item.wish.captured && item.state !== "failed") {
      const card = cards.get(item);
      if (card) leave(item, card);
      return;
    }
    const card = cardOf(item), isReady = item.state === "ready", isBad = ["refused", "failed"].includes(item.state);
    card.dataset.state = item.state;
    card.draggable = isReady;
    const bar = find("bar", card);
    bar.hidden = isReady || isBad;
    bar.value = item.state === "received" ? 1 : item.received / Math.max(1, item.size);
    text(card, "line", LINES[item.state](item));
    text(card, "fault", isBad ? item.sentence : "");
    text(card, "note", isReady ? [item.sentence, ...item.advice].filter(Boolean).join(" ") : "");
    find("other", card).hidden = !(item.state === "refused" || item.state === "asleep");
    find("again", card).hidden = item.state !== "failed";
    if (isReady && !card.dataset.isReady) readied(item, card);
  }

  function text(card, name, words) {
    const place = find(name, card);
    if (place.textContent !== words) place.textContent = words;
    place.hidden = !words;
  }

  function readied(item, card) {
    card.dataset.isReady = "yes";
    const image = find("picture", card), asks = find("asks", card), time = find("time", card);
    image.src = item.medium || item.thumb;
    image.hidden = false;
    time.hidden = !item.needsTime;
    find("taken-at", card).value = told.now;
    asks.hidden = false;
    asks.querySelector("[role=group]").append(...views.all.map((view) => choice(item, view)));
  }

  function choice(item, view) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = `c-button c-button--small${item.view === view.id ? " c-tray__wanted" : ""}`;
    button.textContent = view.title;
    button.dataset.put = view.id;
    return button;
  }

  async function place(item, view) {
    const card = cards.get(item), said = { view: view.id, ...conditions.read() };
    if (!conditions.areRight() || card.dataset.isBusy) return;
    if (item.needsTime) said.taken_at = find("taken-at", card).value;
    card.dataset.isBusy = "yes";
    try {
      const { words } = await ask(address("place", item.id), { method: "POST", say: said });
      const neighbour = beside(card);
      send.hear(item, words);
      const advice = words.advice.join(" ");
      views.say(`${view.title} is placed.${advice ? ` ${advice}` : ""}`);
      if (neighbour) neighbour.focus(); else find("views-title").focus();
    } catch (trouble) {
      text(card, "fault", trouble.message);
      views.say(trouble.message);
    } finally { delete card.dataset.isBusy; }
  }

  const beside = (card) => (card.nextElementSibling || card.previousElementSibling)?.querySelector("button:not([hidden])");

  function leave(item, card) {
    cards.delete(item);
    card.remove();
  }

  function sums() {
    const all = [...send.items].filter((item) => item.file || item.state === "ready" || item.state === "placed");
    const going = send.unsent();
    overall.hidden = !going.length;
    if (!going.length) return;
    const size = all.reduce((sum, item) => sum + item.size, 0), there = all.reduce((sum, item) => sum + item.received, 0);
    const done = all.filter((item) => item.received === item.size).length;
    find("overall-bar").value = there / Math.max(1, size);
    find("overall-words").textContent = `${done} of ${all.length} sent, ${amount(there)} of ${amount(size)} MB`;
  }

  send.listen((changed) => {
    changed.forEach(show);
    sums();
    const waiting = [...cards.keys()].filter((item) => item.state === "ready").length;
    find("to-match").textContent = waiting ? `${waiting} to match` : "";
    find("to-match").hidden = !waiting;
    find("cards-box").hidden = !cards.size;
    find("all-deeds").hidden = cards.size < 2;
    find("again-all").hidden = ![...cards.keys()].some((item) => item.state === "failed");
  });

  const itemOf = (card) => [...cards].find(([, one]) => one === card)?.[0];

  list.addEventListener("click", ({ target }) => {
    const card = target.closest("[data-number]"), button = target.closest("button");
    if (!card || !button) return;
    const item = itemOf(card);
    if (button.dataset.put) place(item, views.byId(button.dataset.put));
    else if (button.matches("[data-again]")) send.again(item);
    else if (button.matches("[data-other]")) { wanted = item; choose(); }
    else if (button.matches("[data-remove]")) {
      const neighbour = beside(card);
      send.cancel(item);
      (neighbour || find("choose")).focus();
      views.say(`${item.name} is removed.`);
    }
  });

  /** A field for files that stands nowhere on the page: the kit writes into the fields around those it finds. */
  function picker(isMany, then) {
    const input = Object.assign(document.createElement("input"), { type: "file", accept: "image/*,.heic,.heif", multiple: isMany });
    input.addEventListener("change", () => {
      const files = [...input.files];
      input.value = "";
      if (files.length) then(files);
    });
    return () => input.click();
  }

  const choose = picker(true, (files) => {
    // A refused one makes room; half a file waits for its own, which is known again when it is sent.
    if (wanted && wanted.state === "refused") send.cancel(wanted);
    take(files);
  });
  find("again-all").addEventListener("click", () => {
    [...cards.keys()].filter((item) => item.state === "failed").forEach(send.again);
  });
  find("remove-all").addEventListener("click", async () => {
    const all = [...cards.keys()];
    find("sure").open = false;
    find("choose").focus();
    for (const item of all) await send.cancel(item);
    views.say(`${all.length} are removed from the tray.`);
  });
  find("choose").addEventListener("click", () => { wanted = null; choose(); });
  find("file-here").addEventListener("click", picker(false, (files) => {
    if (views.current) take(files, { view: views.current.id });
  }));

  house.tray = { take, place, itemOf };
  send.open();
})();
