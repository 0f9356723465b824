/* Keys 1 to 7 answer from left to right. Without this script the buttons do the same. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-rates]");
  if (!form) return;
  const answers = [...form.querySelectorAll("fieldset button")];
  let isSent = false;

  form.addEventListener("submit", (event) => {
    // A second press while the first is on its way would answer the next pair unseen.
    if (isSent) event.preventDefault();
    isSent = true;
  });
  window.addEventListener("pageshow", () => { isSent = false; });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
    const answer = answers[Number(event.key) - 1];
    if (!answer) return;
    event.preventDefault();
    form.requestSubmit(answer);
  });
})();
