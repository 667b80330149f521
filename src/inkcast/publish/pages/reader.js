"use strict";
// The reader: what `reader_*.js` make, put together. It stands in the page's head, so that the reader's
// own colours are there before the first paint; everything that needs the text waits for it.

const root = document.documentElement;
const memory = makeMemory();
root.classList.add("scripted");
root.dataset.theme = memory.get("theme") || "";

document.addEventListener("DOMContentLoaded", () => {
  const essay = document.querySelector(".essay");
  const text = readText(essay);
  const player = makePlayer(text, essay);
  const focus = makeFocus(text, player, essay);
  const quotes = makeQuotes(text, player, essay);
  const search = makeSearch(text, player, focus, essay);
  makeSettings(search);
  makeKeys(text, player, focus, quotes, search);
  makeAddresses(text, player, essay);
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

/** Colours, and whether text that is not read aloud is shown. */
function makeSettings(search) {
  for (const choice of document.querySelectorAll(".themes input")) {
    choice.checked = choice.value === root.dataset.theme;
    choice.addEventListener("change", () => {
      root.dataset.theme = choice.value;
      memory.set("theme", choice.value);
    });
  }
  const show = document.querySelector(".show-unspoken");
  show.checked = memory.get("unspoken") !== "hidden";
  const apply = () => {
    root.classList.toggle("only-spoken", !show.checked);
    memory.set("unspoken", show.checked ? "" : "hidden");
    search.forget();
  };
  show.addEventListener("change", apply);
  apply();
}

/** Addresses: #t=123, #t=1:02:03, #t=123,130 and #t=,130 (W3C Media Fragments), paragraph links. */
function makeAddresses(text, player, essay) {
  const seconds = (time) =>
    /^\d+(:[0-5]?\d){0,2}(\.\d+)?$/.test(time)
      ? time.split(":").reduce((sum, part) => sum * 60 + Number(part), 0)
      : NaN;

  function go() {
    const match = /^#t=(?:npt:)?([^,]*)(?:,(.*))?$/.exec(location.hash);
    if (!match) return false;
    const start = match[1] ? seconds(match[1]) * 1000 : 0;
    const end = match[2] ? seconds(match[2]) * 1000 : Infinity;
    if (!(end > start)) return false;
    player.seek(start);
    player.setClip(end === Infinity ? undefined : { start, end });
    const word = text.wordFrom(start);
    if (word) word.spans[0].scrollIntoView({ block: "center" });
    if (end !== Infinity) player.play();
    return true;
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-start]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    history.replaceState(null, "", link.hash);
    player.seek(Number(link.dataset.start));
    player.play();
    player.follow();
  });
  // The text is one stop of the Tab key; each of its words can be reached from there.
  for (const link of essay.querySelectorAll("a.time")) link.tabIndex = -1;
  addEventListener("hashchange", go);
  if (!go()) player.resume();
}
