/** The bar: where the recording is, how much is left, its chapters, and what is under the pointer. */
function makeBar(audio) {
  const THUMB = 14; // pixels; the middle of the thumb never reaches the ends of the bar
  const place = document.querySelector(".place");
  const left = document.querySelector(".left");
  const seekBar = document.querySelector(".seek");
  const hint = document.querySelector(".hint");
  const named = document.querySelector(".chapter");
  const chapters = [...document.querySelectorAll(".contents a")]
    .map((link) => ({ link, start: Number(link.dataset.start), name: link.querySelector("bdi").textContent }))
    .sort((a, b) => a.start - b.start);
  let chapter;
  let shown = "";

  const chapterAt = (ms) => chapters.findLast(({ start }) => start <= ms);
  const along = (share) => `calc(${THUMB / 2}px + (100% - ${THUMB}px) * ${share.toFixed(5)})`;

  /** Gaps in the bar where chapters begin: colours of one gradient, since a page's own style is all that
   *  its policy allows. */
  function drawChapters() {
    const stops = chapters.filter(({ start }) => start > 0 && start < seekBar.max * 1000).map(({ start }) => {
      const at = along(start / 1000 / seekBar.max);
      return `transparent calc(${at} - 1px), var(--bar) 0 calc(${at} + 1px), transparent 0`;
    });
    if (stops.length) seekBar.style.setProperty("--chapters", `linear-gradient(to right, ${stops.join(", ")})`);
  }

  function show() {
    const now = clock(audio.currentTime);
    if (now === shown && !audio.paused) return;
    seekBar.value = audio.currentTime;
    seekBar.style.setProperty("--done", along(audio.currentTime / (seekBar.max || 1)));
    if (now === shown) return; // While it plays, the bar moves once a second: moving it costs a layout.
    shown = now;
    place.textContent = now;
    left.textContent = `−${clock(seekBar.max - Math.floor(audio.currentTime))}`;
    const found = chapterAt(audio.currentTime * 1000 + 0.5);
    const part = found ? `, ${found.name}` : "";
    seekBar.setAttribute("aria-valuetext", `${now} of ${clock(seekBar.max)}${part}`);
    if (found === chapter) return;
    chapter?.link.removeAttribute("aria-current");
    found?.link.setAttribute("aria-current", "true");
    named.textContent = found?.name || "";
    chapter = found;
  }

  /** The time under the pointer and the chapter that it belongs to. */
  function point(event) {
    const box = seekBar.getBoundingClientRect();
    const share = (event.clientX - box.left - THUMB / 2) / (box.width - THUMB);
    const seconds = Math.min(1, Math.max(0, share)) * seekBar.max;
    const found = chapterAt(seconds * 1000);
    hint.textContent = found ? `${clock(seconds)} · ${found.name}` : clock(seconds);
    hint.hidden = false;
    const half = hint.offsetWidth / 2;
    const middle = Math.min(innerWidth - half - 8, Math.max(half + 8, event.clientX));
    hint.style.setProperty("--at", `${middle - box.left}px`);
  }
  const hide = () => { hint.hidden = true; };
  seekBar.addEventListener("pointermove", point);
  seekBar.addEventListener("pointerdown", point);
  for (const event of ["pointerleave", "pointerup", "pointercancel", "blur"]) seekBar.addEventListener(event, hide);

  function setLength() {
    if (Number.isFinite(audio.duration)) seekBar.max = audio.duration;
    shown = "";
    show();
    drawChapters();
  }
  audio.addEventListener("durationchange", setLength);
  setLength();

  return {
    input: seekBar,
    chapters,
    chapterAt,
    show,
    get length() { return Number(seekBar.max); },
  };
}

/** What the lock screen and the buttons of headphones know (Media Session API). */
function makeSession(player) {
  const session = navigator.mediaSession;
  if (!session || !globalThis.MediaMetadata) return;
  const textOf = (selector) => document.querySelector(selector)?.textContent.trim() || "";
  const cover = document.querySelector(".cover");
  session.metadata = new MediaMetadata({
    title: textOf("h1"),
    artist: textOf(".author") || textOf(".show"),
    album: textOf(".show"),
    artwork: /^(https?|data):/.test(cover?.src) ? [{ src: cover.src, sizes: `${cover.width}x${cover.height}` }] : [],
  });
  const { audio, bar } = player;
  const toChapter = (step) => {
    const here = bar.chapters.indexOf(bar.chapterAt(audio.currentTime * 1000));
    const target = bar.chapters[here + step];
    if (target) player.seek(target.start);
  };
  const actions = {
    play: () => player.play(),
    pause: () => audio.pause(),
    seekbackward: ({ seekOffset }) => player.skip(-(seekOffset || BACK_S)),
    seekforward: ({ seekOffset }) => player.skip(seekOffset || FORWARD_S),
    seekto: ({ seekTime }) => player.seek(seekTime * 1000),
    previoustrack: bar.chapters.length ? () => toChapter(-1) : null,
    nexttrack: bar.chapters.length ? () => toChapter(1) : null,
  };
  for (const [action, run] of Object.entries(actions)) {
    try {
      session.setActionHandler(action, run);
    } catch {
      // An action that this browser does not know.
    }
  }
  const tell = () => {
    session.playbackState = audio.paused ? "paused" : "playing";
    if (!Number.isFinite(audio.duration) || !session.setPositionState) return;
    session.setPositionState({
      duration: audio.duration,
      playbackRate: audio.playbackRate,
      position: Math.min(audio.currentTime, audio.duration),
    });
  };
  for (const event of ["play", "pause", "seeked", "ratechange", "durationchange"]) {
    audio.addEventListener(event, tell);
  }
}
