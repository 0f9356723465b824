/* Dragging: files onto the tray or straight onto a view, and a photo of the tray onto the view it shows. */
(() => {
  "use strict";
  const house = window.capture;
  if (!house) return;
  const { page, find, views, tray } = house;
  const list = find("cards"), box = find("drop");
  let dragged = null, lit = null;

  list.addEventListener("dragstart", (event) => {
    const card = event.target.closest("[data-number]");
    dragged = tray.itemOf(card);
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.name);
    card.classList.add("c-tray__card--lifted");
  });
  list.addEventListener("dragend", (event) => {
    event.target.closest("[data-number]")?.classList.remove("c-tray__card--lifted");
    dragged = null;
  });

  const isOurs = (event) => Boolean(dragged) || [...event.dataTransfer.types].includes("Files");
  const targetOf = (event) => event.target.closest("[data-view]") || (dragged ? null : box);

  function light(place) {
    if (lit === place) return;
    lit?.classList.remove("c-is-over");
    lit = place;
    lit?.classList.add("c-is-over");
  }

  page.addEventListener("dragover", (event) => {
    if (!isOurs(event)) return;
    const place = targetOf(event);
    light(place);
    if (place) event.preventDefault();
  });
  page.addEventListener("dragleave", (event) => { if (!page.contains(event.relatedTarget)) light(null); });
  page.addEventListener("drop", (event) => {
    const place = targetOf(event);
    light(null);
    if (!place || !isOurs(event)) return;
    event.preventDefault();
    const view = place.dataset.view ? views.byId(place.dataset.view) : null;
    if (dragged) { tray.place(dragged, view); return; }
    const files = [...event.dataTransfer.files];
    tray.take(files, view && files.length === 1 ? { view: view.id } : {});
  });
})();
