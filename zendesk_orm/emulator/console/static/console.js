// Adds new requests to the log, and updates the clock. Without this script, pages show the state
// of the time at which they were loaded.
"use strict";

(() => {
  const log = document.getElementById("log");
  if (!log) return;
  const pause = document.getElementById("pause");
  const state = document.getElementById("state");
  const clock = document.getElementById("time");
  const total = document.getElementById("total");
  const size = Number(log.dataset.size);
  let last = Number(log.dataset.total);
  let paused = false;

  const show = (text) => {
    if (state.textContent !== text) state.textContent = text;
  };

  async function update() {
    const response = await fetch(`${log.dataset.source}?after=${last}`, { cache: "no-store" });
    if (!response.ok) throw new Error(String(response.status));
    const number = Number(response.headers.get("X-Total"));
    if (number < last) log.replaceChildren();
    if (number !== last) {
      // The rows were escaped by the server.
      log.insertAdjacentHTML("afterbegin", await response.text());
      while (log.rows.length > size) log.lastElementChild.remove();
      document.getElementById("empty").hidden = log.rows.length > 0;
    }
    last = number;
    if (clock) clock.textContent = response.headers.get("X-Clock");
    if (total) total.textContent = number.toLocaleString("en");
  }

  async function poll() {
    if (!paused && !document.hidden) {
      try {
        await update();
        show("Live");
      } catch {
        show("The emulator does not respond");
      }
    }
    setTimeout(poll, 1000);
  }

  pause.hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    show(paused ? "Paused" : "Live");
  });
  poll();
})();
