/* Laying the later picture on the earlier one: asked of the server once per pair, shown by a matrix, stored nowhere. */
(() => {
  "use strict";
  const house = window.houseCompare;

  house.aligning = (root, stage) => {
    const button = root.querySelector("[data-align]"), words = root.querySelector("[data-aligned]");
    const token = root.querySelector("[data-stage]").dataset.token;
    let wanted = null, asking = null;  // null: aligned where that is known already

    button.addEventListener("click", () => {
      wanted = button.getAttribute("aria-pressed") !== "true";
      shown(stage.pair);
    });

    function shown(pair) {
      const can = Boolean(pair.before && pair.now && (pair.alignment || pair.align));
      button.disabled = !can;
      if (!can) return tell(pair, null, "");
      const row = pair.alignment;
      if (row && row.state === "aligned") return laid(pair, row);
      if (row) return tell(pair, null, refused(row));
      if (wanted) return ask(pair);
      tell(pair, null, "");
    }

    function laid(pair, row) {
      const matrix = house.aligned(row.matrix);
      if (!matrix) return tell(pair, null, "Could not be aligned: the answer cannot be used.");
      if (wanted === false) return tell(pair, null, "Not aligned: both stand as they were taken.");
      tell(pair, matrix, said(row));
    }

    function said(row) {
      const parts = [];
      if (Number.isFinite(row.turn_degrees)) parts.push(`turned by ${Math.abs(row.turn_degrees).toFixed(1)}°`);
      if (Number.isFinite(row.scale)) parts.push(`scaled to ${(row.scale * 100).toFixed(0)} %`);
      if (Number.isFinite(row.residual_px)) parts.push(`${row.residual_px.toFixed(1)} px of 1024 off`);
      return `Aligned${parts.length ? `: ${parts.join(", ")}` : ""}. The stored photo is not changed.`;
    }

    const refused = (row) => `Could not be aligned: ${row.reason || row.sentence || "nothing was found to hold on to."}`;

    function tell(pair, matrix, sentence) {
      if (pair !== stage.pair) return;
      button.setAttribute("aria-pressed", matrix ? "true" : "false");
      button.removeAttribute("aria-busy");
      words.textContent = sentence;
      stage.lay(matrix);
    }

    async function ask(pair) {
      if (asking === pair) return;
      asking = pair;
      tell(pair, null, "Aligning …");
      button.setAttribute("aria-busy", "true");
      try {
        const answer = await fetch(pair.align, { method: "POST", headers: { "X-CSRFToken": token, Accept: "application/json" } });
        const found = await answer.json();
        if (!answer.ok) throw new Error(found.sentence || "");
        pair.alignment = found;
        shown(pair);
      } catch (fault) {
        const isOurs = fault instanceof Error && fault.name === "Error" && fault.message;
        tell(pair, null, `Could not be aligned: ${isOurs ? fault.message : "the server did not answer. Try again."}`);
      } finally { asking = null; }
    }

    return { shown };
  };
})();
