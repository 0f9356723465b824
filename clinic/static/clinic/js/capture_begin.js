/* All parts are there: show what needs them, and begin with the first view that is missing. */
(() => {
  "use strict";
  const house = window.capture;
  if (!house) return;
  const { page, told, views, send } = house;

  page.querySelectorAll("[data-needs-script]").forEach((part) => { part.hidden = false; });
  views.choose(views.byId(told.first));

  /* The view that was just filled from a file gives way to the next; and once nothing is on its way any more, what was
     believed to be taken and is not asks for itself again. */
  send.listen((changed) => {
    if (house.shots.isOpen()) return;
    const isFilled = [...changed].some((item) => item.photo && views.current && item.photo.view === views.current.id);
    const isLeft = !views.current && views.missing().length && !views.all.some((view) => view.sending);
    if (isFilled || isLeft) views.goOn();
  });
})();
