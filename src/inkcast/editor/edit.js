"use strict";
// The editor: what `edit_*.js` make, put together. The server has the truth; the page shows it, and asks.

const root = document.documentElement;
root.classList.add("scripted");

document.addEventListener("DOMContentLoaded", async () => {
  const essay = document.querySelector(".essay");
  const editor = {};
  editor.server = makeServer(essay);
  editor.words = makeWords(essay, editor);
  editor.sound = makeSound();
  editor.wave = makeWave(editor);
  editor.doubts = makeDoubts(essay, editor);
  makeBar(editor);
  makeEditKeys(editor);
  await editor.server.load();
});

/** 12340 → "0:12.34" */
function clock(ms) {
  const seconds = Math.max(0, Math.round(ms / 10) / 100);
  return `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(2).padStart(5, "0")}`;
}

function tell(message, isWrong = false) {
  const line = document.querySelector(".saved");
  line.textContent = message;
  line.classList.toggle("wrong", isWrong);
}

/** What the page asks of the server; one after the other, so that each is asked of what the last one gave. */
function makeServer(essay) {
  const whenNew = [];
  let version = -1;
  let turn = Promise.resolve();

  async function fetchJson(address, body) {
    let reply;
    let answer;
    try {
      reply = await fetch(address, body && {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ ...body, version }),
      });
      answer = await reply.json();
    } catch {
      throw new Error("Inkcast does not answer. Is the command still running?");
    }
    if (!reply.ok) throw new Error(answer.error);
    return answer;
  }

  function show(state) {
    version = state.version;
    for (const [at, html] of Object.entries(state.parts)) {
      let part = essay.querySelector(`[data-part="${at}"]`);
      if (!part) {
        part = document.createElement("div");
        part.dataset.part = at;
        essay.append(part);
      }
      part.innerHTML = html; // the server has escaped all text
    }
    for (const run of whenNew) run(state);
  }

  const inTurn = (run) => (turn = turn.then(run, run));

  return {
    onNew: (run) => whenNew.push(run),
    load: () => inTurn(async () => show(await fetchJson("state"))),
    finish: () => inTurn(() => fetchJson("done", {})),

    /** Ask for a change; true once it is made and shown. */
    ask: (address, body) => inTurn(async () => {
      try {
        show(await fetchJson(address, body));
      } catch (error) {
        tell(error.message, true);
        return false;
      }
      return true;
    }),
  };
}
