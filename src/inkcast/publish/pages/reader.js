"use strict";
// The reader: what `reader_*.js` make, put together. It stands in the page's head, so that the reader's
// own colours are there before the first paint; everything that needs the text waits for it.

const root = document.documentElement;
const memory = makeMemory();
root.classList.add("scripted");
root.dataset.theme = memory.get("theme") || "";
root.dataset.size = memory.get("size") || "";

// The parts of the page that is open, for each other and for what is put on top of them.
const reader = {};

// A long page takes a moment until all of it is there; its words can be heard before.
document.addEventListener("click", (event) => {
  const word = !reader.player && event.target.closest("span[data-m]");
  if (!word || event.target.closest("a")) return;
  const audio = document.querySelector("audio");
  audio.currentTime = word.getAttribute("data-m") / 1000;
  audio.play().catch(() => {});
});

document.addEventListener("DOMContentLoaded", () => {
  const essay = document.querySelector(".essay");
  reader.text = readText(essay);
  reader.heights = makeHeights(essay);
  reader.player = makePlayer(reader.text, essay);
  reader.focus = makeFocus(reader.text, reader.player, essay);
  reader.quotes = makeQuotes(reader.text, reader.player, essay);
  reader.search = makeSearch(reader.text, reader.player, reader.focus, essay);
  reader.voices = makeVoices(reader, essay);
  makeSettings(reader);
  makeKeys(reader);
  makeSession(reader.player);
  makeFinder(reader);
  makeAddresses(reader, essay);
});

/** What is remembered between visits; a browser that refuses to remember is no error. */
function makeMemory() {
  return {
    get(name) {
      try {
        return localStorage.getItem(`inkcast ${name}`);
      } catch {
        return null;
      }
    },
    set(name, value) {
      try {
        if (value === "") localStorage.removeItem(`inkcast ${name}`);
        else localStorage.setItem(`inkcast ${name}`, value);
      } catch {
        // Private windows and full disks.
      }
    },
  };
}
