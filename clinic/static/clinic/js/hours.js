/* The button says what it will do with what is ticked. Without this script it says what was ticked when the page came. */
(() => {
  "use strict";
  document.querySelectorAll("button[data-counts]").forEach((button) => {
    const form = button.form, before = button.dataset.counts;
    const count = (choice) => form.querySelectorAll(`input[data-choice="${choice}"]:checked`).length;

    form.addEventListener("change", (event) => {
      if (!event.target.matches("input[data-choice]")) return;
      const [moved, kept, cancelled] = ["move", "keep", "cancel"].map(count);
      const parts = [];
      if (moved) parts.push(!kept && !cancelled && moved > 1 ? `move all ${moved}` : `move ${moved}`);
      if (cancelled) parts.push(`cancel ${cancelled}`);
      if (kept) parts.push(`keep ${kept}`);
      const words = before ? [before, ...parts].join(", ") : parts.join(", ");
      button.textContent = words.charAt(0).toUpperCase() + words.slice(1);
    });
  });
})();
