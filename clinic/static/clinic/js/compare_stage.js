/* Two pictures under one look: whatever moves, moves both. First the medium rendition, the large one where it is seen. */
(() => {
  "use strict";
  const house = window.houseCompare;
  const WIDE = 1000;  // a picture's width on the page before it is moved: any number does, it is only scaled
  const MEDIUM = 800, ROOM = 1.2;

  house.stage = (root) => {
    const field = root.querySelector("[data-field]");
    const sides = ["before", "now"].map((name) => side(field.querySelector(`[data-side=${name}]`)));
    const divider = field.querySelector("[data-divider]");
    const state = { look: { zoom: 1, x: 0.5, y: 0.375 }, mode: root.dataset.mode, shown: "now", split: 50, laid: null };
    let pair = null, changed = () => {};

    function side(place) {
      return { place, pane: place.querySelector(".c-stage__pane"), picture: place.querySelector("[data-plane]"),
        tag: place.querySelector("[data-tag]"), none: place.querySelector("[data-none]"), photo: null };
    }

    function show(next) {
      pair = next;
      state.laid = null;
      state.look = { zoom: 1, x: 0.5, y: frame() / 2 };
      sides.forEach((one, place) => fill(one, place ? pair.now : pair.before));
      state.shown = pair.now ? "now" : "before";
      draw();
    }

    function fill(one, photo) {
      one.photo = photo;
      one.isLarge = false;
      one.none.hidden = Boolean(photo);
      one.picture.hidden = one.tag.hidden = !photo;
      if (!photo) return one.picture.removeAttribute("src");
      one.picture.alt = `${pair.title}, ${photo.words}`;
      one.tag.textContent = photo.words;
      one.picture.style.width = `${WIDE}px`;
      one.picture.style.height = `${WIDE * photo.ratio}px`;
      one.picture.src = photo.medium;
    }

    function frame() {
      const first = pair && (pair.before || pair.now);
      return first ? first.ratio : 0.75;
    }

    const isAlone = "alone" in root.dataset;
    const box = () => sides[isAlone ? 1 : 0].pane.getBoundingClientRect();  // both are of one size

    function home(one) {
      if (one === sides[1] && state.laid) return state.laid;
      return house.contained(one.photo.ratio, frame());
    }

    function draw() {
      if (!pair) return;
      const room = box();
      if (!room.width || !room.height) return;
      state.look = house.kept(state.look, room, frame());
      const seen = house.view(state.look, room, frame());
      for (const one of sides) {
        if (!one.photo) continue;
        const m = house.times(house.times(seen, home(one)), [1 / WIDE, 0, 0, 1 / WIDE, 0, 0]);
        one.picture.style.transform = `matrix(${m.map((n) => n.toFixed(6)).join(",")})`;
        sharpen(one, m[0] * WIDE);
      }
      field.classList.toggle("c-is-near", state.look.zoom > 1.001);
      arrange();
      changed(state);
    }

    /* Pixels of the screen, not of the page: a dense screen sees more. */
    function sharpen(one, width) {
      if (one.isLarge || Math.abs(width) * (window.devicePixelRatio || 1) < MEDIUM * ROOM) return;
      one.isLarge = true;
      const photo = one.photo, large = new Image();
      large.addEventListener("load", () => { if (one.photo === photo) one.picture.src = photo.large; });
      large.src = photo.large;
    }

    function arrange() {
      root.dataset.mode = state.mode;
      root.dataset.shown = state.shown;
      const isSlider = state.mode === "slider" && Boolean(pair.before && pair.now);
      divider.hidden = !isSlider;
      divider.style.left = `${state.split}%`;
      divider.setAttribute("aria-valuenow", Math.round(state.split));
      divider.setAttribute("aria-valuetext", `${Math.round(state.split)} % then`);
      sides[1].pane.style.clipPath = isSlider ? `inset(0 0 0 ${state.split}%)` : "";
      sides[0].pane.style.clipPath = isSlider ? `inset(0 ${100 - state.split}% 0 0)` : "";
    }

    return {
      field, divider, state, show, draw, box, frame,
      get pair() { return pair; },
      onChange(told) { changed = told; },
      look(next) { state.look = next; draw(); },
      zoom(factor, point) {
        const room = box();
        const middle = point || { x: room.width / 2, y: room.height / 2 };
        this.look(house.zoomed(state.look, factor, middle, room, frame()));
      },
      pan(by) { this.look(house.panned(state.look, by, box(), frame())); },
      reset() { this.look({ zoom: 1, x: 0.5, y: frame() / 2 }); },
      split(percent) { state.split = Math.min(100, Math.max(0, percent)); arrange(); },
      swap() {
        if (!pair.before || !pair.now) return;
        state.shown = state.shown === "now" ? "before" : "now";
        arrange();
      },
      mode(name) { state.mode = name; draw(); },
      lay(matrix) { state.laid = matrix; draw(); },
    };
  };
})();
