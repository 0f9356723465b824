/* Arrow keys from a search field into what it found, and a word when the server does not answer. Without this script
   the Tab key does the same. */
(() => {
  "use strict";
  const field = document.querySelector("[data-finds]");
  if (!field) return;
  const found = document.getElementById(field.dataset.finds);
  const trouble = document.querySelector("[data-find-trouble]");
  const links = () => [...found.querySelectorAll("th a[href]")];

  field.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown") return;
    const first = links()[0];
    if (!first) return;
    event.preventDefault();
    first.focus();
  });

  found.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const all = links(), at = all.indexOf(document.activeElement);
    if (at < 0) return;
    event.preventDefault();
    (at + step < 0 ? field : all[Math.min(at + step, all.length - 1)]).focus();
  });

  const say = (isTrouble) => () => { if (trouble) trouble.hidden = !isTrouble; };
  ["htmx:sendError", "htmx:responseError", "htmx:timeout"].forEach((name) => field.addEventListener(name, say(true)));
  field.addEventListener("htmx:afterOnLoad", say(false));
})();
