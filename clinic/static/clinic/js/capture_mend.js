/* A photo that stands at the wrong view is moved; nothing is lost by it. */
(() => {
  "use strict";
  const house = window.capture;
  if (!house) return;
  const { page, views, find, ask, address } = house;

  views.all.forEach((view) => {
    const others = views.all.filter((one) => one !== view).map((one) => new Option(one.title, one.id));
    find("move-to", view.row).append(...others);
    views.show(view);
  });

  page.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    const row = button.closest("[data-view]"), from = views.byId(row.dataset.view);
    const to = views.byId(find("move-to", row).value), fault = find("move-fault", row);
    fault.hidden = true;
    try {
      const { words } = await ask(address("move", from.photo), { method: "POST", say: { view: to.id } });
      views.put(from, null);
      views.put(to, words.photo);
      button.closest("details").open = false;
      if (!views.current) views.goOn();
      find("pick", to.row).focus();
      views.say(`Moved to ${to.title.toLowerCase()}.`);
    } catch (trouble) {
      fault.textContent = trouble.message;
      fault.hidden = false;
    }
  });
})();
