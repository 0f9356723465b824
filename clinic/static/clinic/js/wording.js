/* Beside the letter's source: numbers of lines with the faulty ones marked, names put in at the caret, and what was typed
   kept by this browser until it is published. Without this script everything can still be typed, previewed and sent. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-wording]");
  if (!form) return;
  const body = form.querySelector("[name=body]"), subject = form.querySelector("[name=subject]");
  const kept = `wording/${form.dataset.wording}`;
  let last = body;

  numberLines();
  [body, subject].forEach((field) => field.addEventListener("focus", () => { last = field; }));
  form.querySelectorAll("[data-insert]").forEach((button) => button.addEventListener("click", () => insert(button.dataset.insert)));
  form.addEventListener("click", goToLine);
  form.addEventListener("input", (event) => { if (event.target === body || event.target === subject) keep(); });
  form.addEventListener("submit", keep);
  document.addEventListener("htmx:afterSettle", mark);
  offerDraft();

  function insert(words) {
    last.focus();
    last.setRangeText(words, last.selectionStart, last.selectionEnd, "end");
    last.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function numberLines() {
    const behind = document.createElement("div");
    behind.className = "c-source-lines";
    behind.setAttribute("aria-hidden", "true");
    behind.dir = body.dir;
    body.before(behind);
    body.classList.add("c-source--numbered");
    const draw = () => {
      behind.replaceChildren(...body.value.split("\n").map((line, place) => {
        const row = document.createElement("div");
        row.textContent = line || " ";
        row.dataset.number = place + 1;
        return row;
      }));
      mark();
    };
    body.addEventListener("input", draw);
    body.addEventListener("scroll", () => { behind.scrollTop = body.scrollTop; });
    draw();
  }

  function mark() {
    const faulty = new Set([...form.querySelectorAll("#id_body_faults [data-line]")].map((item) => item.dataset.line));
    form.querySelectorAll(".c-source-lines > div").forEach((row) => row.classList.toggle("c-is-faulty", faulty.has(row.dataset.number)));
    body.setAttribute("aria-invalid", faulty.size ? "true" : "false");
  }

  function goToLine(event) {
    const link = event.target.closest("#id_body_faults a");
    if (!link) return;
    event.preventDefault();
    const lines = body.value.split("\n"), number = Number(link.closest("[data-line]").dataset.line);
    const starts = lines.slice(0, number - 1).reduce((sum, line) => sum + line.length + 1, 0);
    body.focus();
    body.setSelectionRange(starts, starts + (lines[number - 1] || "").length);
  }

  function keep() {
    try { localStorage.setItem(kept, JSON.stringify({ subject: subject.value, body: body.value })); } catch { /* full, or forbidden */ }
  }

  function offerDraft() {
    const note = form.querySelector("[data-draft]");
    const draft = read();
    // A page that shows what was just sent has it already.
    if (!draft || "typed" in form.dataset) return;
    if (draft.subject === subject.value && draft.body === body.value) return forget();
    note.hidden = false;
    note.querySelector("[data-draft-take]").addEventListener("click", () => {
      note.hidden = true;
      subject.value = draft.subject;
      body.value = draft.body;
      body.dispatchEvent(new Event("input", { bubbles: true }));
      body.focus();
    });
    note.querySelector("[data-draft-drop]").addEventListener("click", () => { note.hidden = true; forget(); body.focus(); });
  }

  function read() {
    try {
      const draft = JSON.parse(localStorage.getItem(kept) || "null");
      return draft && typeof draft.subject === "string" && typeof draft.body === "string" ? draft : null;
    } catch { return null; }
  }

  function forget() { try { localStorage.removeItem(kept); } catch { /* forbidden */ } }
})();
