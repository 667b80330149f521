(() => {
"use strict";

const LINGER_MS = 250; // A word stays lit over a short pause, so that reading does not flicker.
const SPEEDS = [1, 1.25, 1.5, 1.75, 2, 0.75];

const audio = document.querySelector("audio");
const essay = document.querySelector(".essay");
const followChip = document.querySelector(".follow");
const speedButton = document.querySelector(".speed");
const calm = matchMedia("(prefers-reduced-motion: reduce)");

document.documentElement.classList.add("scripted");

// Words ------------------------------------------------------------------------------------------

// A word that a link or emphasis cuts in two has several spans with the same time.
const words = [];
const wordOf = new Map();
for (const span of essay.querySelectorAll("span[data-m]")) {
  const start = Number(span.dataset.m);
  const end = start + Number(span.dataset.d);
  let word = words[words.length - 1];
  if (!word || word.start !== start || word.end !== end) {
    word = { start, end, spans: [], index: words.length, block: span.closest("p, li, h1, h2, h3, h4, h5, h6, figcaption, pre") };
    words.push(word);
  }
  word.spans.push(span);
  wordOf.set(span, word);
}
const byTime = [...words].sort((a, b) => a.start - b.start);

/** The word that is heard at `ms`, by binary search; undefined in a pause. */
function wordAt(ms) {
  let low = 0;
  let high = byTime.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (byTime[middle].start <= ms) low = middle + 1;
    else high = middle;
  }
  const word = byTime[low - 1];
  return word && ms < word.end + LINGER_MS ? word : undefined;
}

// The current word -------------------------------------------------------------------------------

let current;
let stopAt = Infinity;

function light(word) {
  if (word === current) return;
  if (current) for (const span of current.spans) span.removeAttribute("aria-current");
  if (current && (!word || word.block !== current.block)) current.block.classList.remove("now");
  current = word;
  if (!word) return;
  for (const span of word.spans) span.setAttribute("aria-current", "true");
  word.block.classList.add("now");
  if (!essay.contains(document.activeElement)) giveTabStop(word);
  if (!audio.paused) keepInView();
}

function update() {
  const ms = audio.currentTime * 1000;
  // Half a millisecond: currentTime is a fraction, and may be a hair before what was asked for.
  light(wordAt(ms + 0.5));
  if (ms >= stopAt) {
    stopAt = Infinity;
    audio.pause();
  }
}

let frame = 0;
function tick() {
  update();
  frame = audio.paused ? 0 : requestAnimationFrame(tick);
}
audio.addEventListener("play", () => {
  if (!frame) frame = requestAnimationFrame(tick);
});
for (const event of ["seeking", "seeked", "timeupdate", "pause"]) audio.addEventListener(event, update);

function seek(ms, play) {
  stopAt = Infinity;
  audio.currentTime = ms / 1000;
  resumeFollowing();
  update();
  if (play) audio.play().catch(() => {}); // Refused or no audio: the player itself says so.
}

audio.addEventListener("error", () => {
  document.querySelector(".failed").hidden = false;
});

// Following --------------------------------------------------------------------------------------

let following = true;
let scrollingUntil = 0;

function setFollowing(on) {
  following = on;
  followChip.setAttribute("aria-pressed", String(on));
  followChip.textContent = on ? "Following" : "Follow";
}

function resumeFollowing() {
  if (!following) setFollowing(true);
}

function isInView(word) {
  const box = word.spans[0].getBoundingClientRect();
  return box.bottom > 0 && box.top < innerHeight - 80;
}

function keepInView() {
  if (!following || !current) return;
  const box = current.spans[0].getBoundingClientRect();
  if (box.top >= innerHeight * 0.1 && box.bottom <= innerHeight * 0.7) return;
  scrollingUntil = performance.now() + 1000;
  scrollBy({ top: box.top - innerHeight * 0.3, behavior: calm.matches ? "auto" : "smooth" });
}

// The reader's own scrolling wins: once the word is out of sight, the page stays where it was put.
addEventListener("scroll", () => {
  if (audio.paused || !current || performance.now() < scrollingUntil) return;
  if (following && !isInView(current)) setFollowing(false);
}, { passive: true });
for (const event of ["wheel", "touchmove"]) {
  addEventListener(event, () => { scrollingUntil = 0; }, { passive: true });
}
addEventListener("scrollend", () => { scrollingUntil = 0; });

followChip.addEventListener("click", () => {
  setFollowing(!following);
  keepInView();
});
setFollowing(true);

speedButton.addEventListener("click", () => {
  audio.playbackRate = SPEEDS[(SPEEDS.indexOf(audio.playbackRate) + 1) % SPEEDS.length];
});
audio.addEventListener("ratechange", () => {
  speedButton.textContent = `${audio.playbackRate}×`;
});

// Clicks -----------------------------------------------------------------------------------------

essay.addEventListener("click", (event) => {
  const time = event.target.closest("a.time");
  if (time) {
    event.preventDefault();
    history.replaceState(null, "", time.hash);
    seek(Number(time.dataset.start), true);
    return;
  }
  if (event.target.closest("a") || !getSelection().isCollapsed) return;
  const word = wordOf.get(event.target.closest("span[data-m]"));
  if (!word) return;
  giveTabStop(word);
  seek(word.start, true);
});

// Keys: one tab stop for the whole text, arrows move within it -----------------------------------

let tabStop;

function giveTabStop(word) {
  if (tabStop === word) return;
  if (tabStop) {
    tabStop.spans[0].removeAttribute("tabindex");
    tabStop.spans[0].removeAttribute("role");
  }
  tabStop = word;
  word.spans[0].tabIndex = 0;
  word.spans[0].setAttribute("role", "button");
}

function blockStart(word, direction) {
  let index = word.index;
  while (words[index] && words[index].block === word.block) index += direction;
  const other = words[index];
  if (!other) return word;
  while (words[index - 1] && words[index - 1].block === other.block) index -= 1;
  return words[index];
}

function blockEdge(word, direction) {
  let index = word.index;
  while (words[index + direction] && words[index + direction].block === word.block) index += direction;
  return words[index];
}

const MOVES = {
  ArrowRight: (word) => words[word.index + 1],
  ArrowLeft: (word) => words[word.index - 1],
  ArrowDown: (word) => blockStart(word, 1),
  ArrowUp: (word) => blockStart(word, -1),
  Home: (word) => blockEdge(word, -1),
  End: (word) => blockEdge(word, 1),
};

essay.addEventListener("keydown", (event) => {
  const word = wordOf.get(event.target);
  if (!word || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    seek(word.start, true);
  } else if (MOVES[event.key]) {
    event.preventDefault();
    const next = MOVES[event.key](word);
    if (!next) return;
    giveTabStop(next);
    next.spans[0].focus();
  }
});
if (words.length) giveTabStop(words[0]);

// Addresses: #t=123, #t=1:02:03, #t=123,130 and #t=,130 (W3C Media Fragments) --------------------

function seconds(text) {
  return /^\d+(:[0-5]?\d){0,2}(\.\d+)?$/.test(text)
    ? text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0)
    : undefined;
}

function goToAddress() {
  const match = /^#t=(?:npt:)?([^,]*)(?:,(.*))?$/.exec(location.hash);
  if (!match) return;
  const start = match[1] ? seconds(match[1]) : 0;
  const end = match[2] ? seconds(match[2]) : Infinity;
  if (start === undefined || end === undefined || end <= start) return;
  seek(start * 1000, false);
  stopAt = end * 1000;
  const word = current || byTime.find((candidate) => candidate.start >= start * 1000);
  if (word) word.spans[0].scrollIntoView({ block: "center" });
}

addEventListener("hashchange", goToAddress);
goToAddress();
})();
