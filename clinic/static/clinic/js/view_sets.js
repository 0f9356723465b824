/* Writing a view set: rows move without the page being sent, and a chosen drawing shows at once. Without this script the
   same buttons send the page, and it comes back rearranged. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-view-set]");
  if (!form) return;
  const rows = form.querySelector("[data-rows]"), said = form.querySelector("[data-said]");

  rows.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    event.preventDefault();
    const row = button.closest("[data-row]"), isUp = button.dataset.move === "up";
    const other = isUp ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    if (isUp) other.before(row); else other.after(row);
    number();
    (button.disabled ? row.querySelector("[data-move]:not(:disabled)") : button)?.focus();
    const place = [...rows.children].indexOf(row) + 1;
    said.textContent = `${row.querySelector("[data-name]").textContent}: now number ${place} of ${rows.children.length}.`;
  });

  rows.addEventListener("input", (event) => {
    const row = event.target.closest("[data-row]");
    if (event.target.name.endsWith("-title")) row.querySelector("[data-name]").textContent = event.target.value || "A new view";
  });

  rows.addEventListener("change", (event) => {
    if (!event.target.name.endsWith("-guide")) return;
    const drawing = document.querySelector(`[data-guides] [data-guide="${CSS.escape(event.target.value)}"]`);
    const place = event.target.closest("[data-row]").querySelector("[data-drawing]");
    place.replaceChildren(...(drawing ? [drawing.firstElementChild.cloneNode(true)] : []));
  });

  /* What the buttons send counts places in this order, should the page be sent after all. */
  function number() {
    const all = [...rows.querySelectorAll("[data-row]")];
    all.forEach((row, place) => {
      row.querySelector("input[name$='-position']").value = place;
      row.querySelectorAll("button[name=do]").forEach((button) => { button.value = `${button.value.split("-")[0]}-${place}`; });
      row.querySelector("[data-move=up]").disabled = place === 0;
      row.querySelector("[data-move=down]").disabled = place === all.length - 1;
    });
  }
})();
