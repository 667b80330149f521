"use strict";
// Listen from a list: one player for all of its episodes, and a link to the text at the moment that is heard.
document.documentElement.classList.add("scripted");
addEventListener("DOMContentLoaded", () => {
  const player = document.querySelector(".player");
  if (!player) return;
  const audio = player.querySelector("audio");
  const link = player.querySelector("a");
  let current;

  function show() {
    for (const button of document.querySelectorAll(".episodes .play")) {
      const plays = button === current && !audio.paused;
      const title = button.closest("li").querySelector("h3").textContent;
      button.classList.toggle("plays", plays);
      button.setAttribute("aria-label", `${plays ? "Pause" : "Play"} ${title}`);
    }
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest(".episodes .play");
    if (!button) return;
    if (button === current) {
      if (audio.paused) audio.play().catch(() => {});
      else audio.pause();
      return;
    }
    current = button;
    const title = button.closest("li").querySelector("h3 a");
    link.textContent = title.textContent;
    link.dataset.page = title.href;
    link.href = title.href;
    player.hidden = false;
    document.documentElement.classList.add("listens");
    audio.src = button.dataset.audio;
    audio.play().catch(() => {});
  });
  for (const event of ["play", "pause", "ended"]) audio.addEventListener(event, show);
  // Who goes on to the text goes on from here.
  audio.addEventListener("timeupdate", () => { link.href = `${link.dataset.page}#t=${Math.floor(audio.currentTime)}`; });
  link.addEventListener("click", () => audio.pause());
});
