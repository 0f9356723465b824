/* A button that copies a field. Without this script the field can be marked and copied by hand. */
(() => {
  "use strict";
  document.querySelectorAll("[data-copy]").forEach((button) => {
    const field = document.getElementById(button.dataset.copy);
    const word = document.querySelector("[data-copied]");
    button.hidden = false;
    button.addEventListener("click", async () => {
      field.select();
      let isDone = false;
      try {
        // Only over a safe connection; the old way works without.
        await navigator.clipboard.writeText(field.value);
        isDone = true;
      } catch { isDone = document.execCommand("copy"); }
      word.textContent = isDone ? "Copied." : "Press Ctrl+C to copy what is marked.";
    });
  });
})();
