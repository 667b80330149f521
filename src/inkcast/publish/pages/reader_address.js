/** Addresses: #t=123, #t=1:02:03, #t=123,130 and #t=,130 (W3C Media Fragments), paragraph links, and &q=
 *  with the words that the site's search has found. */
function makeAddresses({ text, player, search, heights, voices }, essay) {
  const invite = document.querySelector(".invite");
  const inviteTime = invite.querySelector("small");
  let clip;

  const seconds = (time) =>
    /^\d+(:[0-5]?\d){0,2}(\.\d+)?$/.test(time)
      ? time.split(":").reduce((sum, part) => sum * 60 + Number(part), 0)
      : NaN;

  /** A stretch that somebody shares; browsers let a page play only after a click, so it asks for one. */
  function offer(shared) {
    clip = shared;
    invite.hidden = !clip;
    root.classList.toggle("invites", Boolean(clip));
    if (clip) inviteTime.textContent = clock(Math.ceil((Math.min(clip.end, player.bar.length * 1000) - clip.start) / 1000));
  }

  function go() {
    const [time, ...others] = location.hash.slice(1).split("&");
    const words = new URLSearchParams(others.join("&")).get("q");
    const match = /^t=(?:npt:)?([^,]*)(?:,(.*))?$/.exec(time);
    if (words) search.mark(words);
    if (!match) return false;
    const start = match[1] ? seconds(match[1]) * 1000 : 0;
    const end = match[2] ? seconds(match[2]) * 1000 : Infinity;
    if (!(end > start)) return false;
    const shared = end === Infinity ? undefined : { start, end };
    player.visit(start);
    player.setClip(shared);
    offer(shared);
    const word = text.wordFrom(start);
    if (word) {
      if (!text.isShown(word)) voices.showAll();
      heights.settleBefore(word.block);
      word.spans[0].scrollIntoView({ block: "center" });
    }
    return true;
  }

  function playClip() {
    const shared = clip;
    player.visit(shared.start);
    player.setClip(shared);
    player.play();
    player.follow();
  }
  invite.querySelector(".invite-play").addEventListener("click", playClip);
  invite.querySelector(".dismiss").addEventListener("click", () => {
    player.setClip(undefined);
    offer(undefined);
  });
  player.onLeave(() => offer(undefined));

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-start]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    link.closest("[popover]")?.hidePopover();
    history.replaceState(null, "", link.hash);
    player.seek(Number(link.dataset.start));
    player.play();
    player.follow();
  });
  // The text is one stop of the Tab key; each of its words can be reached from there.
  for (const link of essay.querySelectorAll("a.time")) link.tabIndex = -1;
  addEventListener("hashchange", () => {
    if (go() && clip) player.play();
  });
  // Who has clicked a word while the page was still arriving is where they want to be.
  const isUntouched = player.audio.paused && !player.audio.currentTime;
  if (isUntouched && !go()) player.resume();
}

/** A page whose recording is not where it was: which one it was, and a way to name it. */
function makeFinder({ player }) {
  const { audio } = player;
  const failed = document.querySelector(".failed");
  const field = failed.querySelector("input");
  const wrong = failed.querySelector(".wrong");
  const length = player.bar.length;
  audio.addEventListener("error", () => {
    failed.hidden = false;
  });
  field.addEventListener("change", () => {
    const [file] = field.files;
    if (!file) return;
    const at = audio.currentTime;
    audio.src = URL.createObjectURL(file);
    audio.addEventListener("loadedmetadata", () => {
      const differs = Math.abs(audio.duration - length) > 2;
      wrong.hidden = !differs;
      wrong.textContent = `It is ${clock(audio.duration)} long, not ${clock(length)}: it may be another recording.`;
      failed.hidden = !differs;
      player.seek(at * 1000);
    }, { once: true });
  });
}
