(() => {
"use strict";

const audio = document.querySelector("audio");
const charts = document.querySelector(".charts");
const duration = Number(charts.dataset.duration);
const playheads = charts.querySelectorAll(".playhead");

document.documentElement.classList.add("scripted");

// Playing a stretch ------------------------------------------------------------------------------

let stopAt = Infinity;
let playing;

function mark(link) {
  for (const element of playing ? [playing, playing.closest("li")] : []) {
    if (element) element.removeAttribute("aria-current");
  }
  playing = link;
  for (const element of playing ? [playing, playing.closest("li")] : []) {
    if (element) element.setAttribute("aria-current", "true");
  }
}

function play(startMs, endMs, link) {
  mark(link);
  stopAt = endMs;
  audio.currentTime = startMs / 1000;
  audio.play().catch(() => {}); // Refused or no audio: the player itself says so.
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a.play");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (link === playing && !audio.paused) audio.pause();
  else play(Number(link.dataset.start), Number(link.dataset.end), link);
});

function update() {
  const ms = audio.currentTime * 1000;
  for (const line of playheads) {
    const x = `${Math.min(100, (100 * ms) / duration)}%`;
    line.setAttribute("x1", x);
    line.setAttribute("x2", x);
    line.classList.toggle("on", ms > 0);
  }
  if (ms >= stopAt) audio.pause();
}

let frame = 0;
function tick() {
  update();
  frame = audio.paused ? 0 : requestAnimationFrame(tick);
}
audio.addEventListener("play", () => {
  if (!frame) frame = requestAnimationFrame(tick);
});
audio.addEventListener("pause", () => {
  mark(undefined);
  stopAt = Infinity;
});
for (const event of ["seeking", "timeupdate"]) audio.addEventListener(event, update);
audio.addEventListener("error", () => {
  document.querySelector(".failed").hidden = false;
});

// The charts -------------------------------------------------------------------------------------

charts.addEventListener("click", (event) => {
  const sign = event.target.closest("[data-departure]");
  if (sign) {
    location.hash = `d${sign.dataset.departure}`;
    return;
  }
  const chart = event.target.closest("svg.walk, svg.pace");
  if (!chart) return;
  const box = chart.getBoundingClientRect();
  const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  play(share * duration, Infinity, undefined);
});
})();
