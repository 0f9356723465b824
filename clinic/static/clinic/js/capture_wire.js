/* How the capture page speaks with the server: one question at a time, in JSON or in raw bytes, and what its answer
   means. What was cut off (no network, the server gone) is told apart from what was refused with a sentence. */
(() => {
  "use strict";
  const page = document.querySelector("[data-capture]");
  if (!page) return;
  const PATIENCE = 60000, NOBODY = "00000000-0000-0000-0000-000000000000";
  const told = JSON.parse(document.getElementById("capture-told").textContent);
  const house = (window.capture = { page, told, find: (name, where = page) => where.querySelector(`[data-${name}]`) });
  const token = page.querySelector("[name=csrfmiddlewaretoken]").value;

  /** The question never arrived or its answer never came: ask again later. */
  class CutOff extends Error {}
  /** The server said no, in a sentence to show. */
  class Refused extends Error {
    constructor(sentence, code, status) {
      super(sentence);
      Object.assign(this, { code, status });
    }
  }

  async function ask(address, { method = "GET", say, body, headers = {} } = {}) {
    const about = { method, credentials: "same-origin", headers: { "X-CSRFToken": token, Accept: "application/json", ...headers } };
    about.signal = AbortSignal.timeout ? AbortSignal.timeout(PATIENCE) : undefined;
    if (say) {
      about.body = JSON.stringify(say);
      about.headers["Content-Type"] = "application/json";
    } else if (body) {
      about.body = body;
      about.headers["Content-Type"] = "application/octet-stream";
    }
    let answer;
    try { answer = await fetch(address, about); } catch { throw new CutOff("No connection."); }
    if (answer.redirected) throw new Refused("You have been logged out. Log in again in another tab, then try again.", "login", 401);
    if ([502, 503, 504].includes(answer.status)) throw new CutOff("The server is busy.");
    const words = await read(answer);
    if (answer.ok || answer.status === 409 && "received" in words) return { status: answer.status, words };
    throw new Refused(words.sentence || `The server could not do this (${answer.status}).`, words.code || "", answer.status);
  }

  async function read(answer) {
    if (!(answer.headers.get("Content-Type") || "").includes("json")) return {};
    try { return await answer.json(); } catch { throw new CutOff("The answer was cut off."); }
  }

  /** The same file of the same name is known again by it, after a reload too. */
  async function fingerprint(file) {
    const head = new Uint8Array(await file.slice(0, 65536).arrayBuffer());
    const name = new TextEncoder().encode(`${file.size}\n${file.name || ""}\n${file.lastModified || 0}\n`);
    const all = new Uint8Array(name.length + head.length);
    all.set(name);
    all.set(head, name.length);
    if (window.crypto && crypto.subtle) {
      const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", all));
      return [...sum].map((one) => one.toString(16).padStart(2, "0")).join("");
    }
    return plainSum(all); // browsers keep their own sums from a page that is not safe
  }

  function plainSum(bytes) {
    const lanes = [0x811c9dc5, 0x1b873593, 0xcc9e2d51, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f, 0x165667b1, 0x9e3779b1];
    bytes.forEach((byte, at) => { lanes[at & 7] = Math.imul(lanes[at & 7] ^ byte, 0x01000193); });
    return lanes.map((one) => (one >>> 0).toString(16).padStart(8, "0")).join("");
  }

  const address = (name, id) => told.addresses[name].replace(NOBODY, id);
  Object.assign(house, { ask, fingerprint, address, CutOff, Refused });
})();
