/* How the set is taken: asked once, said in one line wherever pictures are taken, sent along with each of them. */
(() => {
  "use strict";
  const house = window.capture;
  if (!house) return;
  const { find } = house;
  const form = find("conditions"), lines = document.querySelectorAll("[data-conditions-line]");
  const field = (name) => form.elements.namedItem(name);
  const text = (name) => field(name).value.trim();
  const orNothing = (value) => (value === "" ? null : value);

  function read() {
    const flash = text("flash");
    return {
      is_wet: field("is_wet").checked,
      parting: text("parting"),
      lighting: text("lighting"),
      flash: flash === "" ? null : flash === "True",
      distance_cm: text("distance_cm") === "" ? null : Number(text("distance_cm")),
      hair_length_cm: orNothing(text("hair_length_cm")),
      last_dyed_on: orNothing(text("last_dyed_on")),
      product: text("product"),
    };
  }

  /** Bring the person to what is wrong, before anything is taken. */
  function areRight() {
    if (form.checkValidity()) return true;
    form.closest("details").open = true;
    form.reportValidity();
    return false;
  }

  function inWords() {
    const said = read();
    const flash = said.flash === null ? "" : said.flash ? "flash" : "no flash";
    const words = [
      said.is_wet ? "wet" : "dry", said.parting && `parting ${said.parting}`, said.lighting, flash,
      said.distance_cm && `${said.distance_cm} cm away`, said.hair_length_cm && `hair ${said.hair_length_cm} cm`, said.product,
    ].filter(Boolean).join(" · ");
    return words.charAt(0).toUpperCase() + words.slice(1);
  }

  function show() {
    const words = inWords();
    lines.forEach((line) => { line.textContent = words; });
  }

  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  show();
  house.conditions = { read, areRight };
})();
