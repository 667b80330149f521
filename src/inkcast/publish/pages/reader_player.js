/** The recording: playing it, the light that goes with it, following it down the page. */
function makePlayer(text, essay) {
  const audio = document.querySelector("audio");
  const place = document.querySelector(".place");
  const seekBar = document.querySelector(".seek");
  const speed = document.querySelector(".speed");
  const chip = document.querySelector(".follow");
  const playButtons = [document.querySelector(".play"), document.querySelector(".listen")];
  const chapters = [...document.querySelectorAll(".contents a")];
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const positionName = `position ${essay.dataset.recording}`;

  // All that changes while the page is open.
  const state = { word: undefined, following: true, clip: undefined, chapter: undefined };

  audio.controls = false;

  // The light ------------------------------------------------------------------------------------

  /** The time that stands before the word's paragraph. Style rules could find it, but with `:has()` each
   *  jump to another paragraph costs a look at all of them. */
  function timeOf(word) {
    const before = (word?.block.closest("figure") || word?.block)?.previousElementSibling;
    return before?.matches(".time") ? before : undefined;
  }

  /** Move the light; nothing but the words that change is touched. */
  function light(word) {
    const old = state.word;
    if (word === old) return;
    // Where the word is, asked before anything is changed: no layout is done for the answer.
    const box = word && state.following && !audio.paused ? word.spans[0].getBoundingClientRect() : undefined;
    if (old) for (const span of old.spans) span.removeAttribute("aria-current");
    state.word = word;
    if (word) {
      for (const span of word.spans) span.setAttribute("aria-current", "true");
    }
    if (word?.block !== old?.block) {
      timeOf(old)?.classList.remove("now");
      timeOf(word)?.classList.add("now");
    }
    if (word?.sentence !== old?.sentence) {
      const { first, last } = word?.sentence || {};
      paint("inkcast-sentence", word ? [text.rangeOf(text.words[first], text.words[last])] : []);
    }
    if (box) keepInView(box);
  }

  let timer = 0;
  function update() {
    clearTimeout(timer);
    // Half a millisecond: currentTime is a fraction, and may be a hair before what was asked for.
    const ms = audio.currentTime * 1000 + 0.5;
    const { word, until } = text.at(ms);
    light(word);
    showPlace();
    if (state.clip && ms >= state.clip.end) {
      state.clip = undefined;
      audio.pause();
    }
    if (audio.paused) return;
    // Wake up when the next word begins, not 60 times a second.
    const next = Math.min(until, state.clip ? state.clip.end : Infinity);
    timer = setTimeout(update, Math.min(250, Math.max(4, (next - ms) / audio.playbackRate)));
  }
  for (const event of ["play", "pause", "seeking", "seeked", "timeupdate", "ratechange", "ended"]) {
    audio.addEventListener(event, update);
  }

  let shown = "";
  function showPlace() {
    const now = clock(audio.currentTime);
    showChip();
    if (now === shown && !audio.paused) return;
    seekBar.value = audio.currentTime;
    seekBar.style.setProperty("--done", `${(100 * audio.currentTime) / (seekBar.max || 1)}%`);
    if (now === shown) return; // While it plays, the bar moves once a second: moving it costs a layout.
    shown = now;
    place.textContent = now;
    seekBar.setAttribute("aria-valuetext", `${now} of ${clock(seekBar.max)}`);
    const ms = audio.currentTime * 1000 + 0.5;
    const chapter = chapters.filter((link) => Number(link.dataset.start) <= ms)
      .reduce((a, b) => (a && Number(a.dataset.start) > Number(b.dataset.start) ? a : b), undefined);
    if (chapter === state.chapter) return;
    state.chapter?.removeAttribute("aria-current");
    chapter?.setAttribute("aria-current", "true");
    state.chapter = chapter;
  }

  // Playing --------------------------------------------------------------------------------------

  function seek(ms) {
    state.clip = undefined;
    paint("inkcast-clip", []);
    audio.currentTime = Math.max(0, ms / 1000);
    update();
  }

  function play() {
    audio.play().catch(() => {}); // Refused, or no recording: then the page says so or shows "Play".
  }

  function toggle() {
    if (audio.paused) play();
    else audio.pause();
  }

  function showPlaying() {
    root.classList.toggle("playing", !audio.paused);
    playButtons[0].setAttribute("aria-label", audio.paused ? "Play" : "Pause");
    playButtons[1].querySelector("span").textContent = audio.paused ? "Listen" : "Pause";
  }
  for (const event of ["play", "pause", "ended"]) audio.addEventListener(event, showPlaying);
  for (const button of playButtons) button.addEventListener("click", toggle);

  seekBar.addEventListener("input", () => seek(seekBar.value * 1000));
  audio.addEventListener("durationchange", () => {
    if (!Number.isFinite(audio.duration)) return;
    seekBar.max = audio.duration;
    document.querySelector(".length").textContent = clock(audio.duration);
  });
  audio.addEventListener("error", () => {
    document.querySelector(".failed").hidden = false;
  });

  function setSpeed(rate) {
    audio.playbackRate = rate;
    audio.defaultPlaybackRate = rate;
    memory.set("speed", rate === 1 ? "" : String(rate));
  }
  speed.addEventListener("change", () => setSpeed(Number(speed.value)));
  audio.addEventListener("ratechange", () => {
    speed.value = audio.playbackRate;
  });
  const remembered = Number(memory.get("speed"));
  if ([...speed.options].some((option) => Number(option.value) === remembered)) setSpeed(remembered);

  // Following ------------------------------------------------------------------------------------

  let ownScrollUntil = 0;

  const isComfortable = (box) => box.top >= innerHeight * 0.1 && box.bottom <= innerHeight * 0.7;

  function keepInView(box) {
    if (isComfortable(box)) return;
    ownScrollUntil = performance.now() + 1000;
    const top = box.top - innerHeight * 0.3;
    // A jump is not shown as a slide: the paragraphs on the way would all have to be laid out for it.
    const slide = !calm.matches && Math.abs(top) < innerHeight * 1.5;
    scrollBy({ top, behavior: slide ? "smooth" : "instant" });
  }

  function setFollowing(on) {
    state.following = on;
    const word = state.word || text.wordFrom(audio.currentTime * 1000);
    if (on && word) keepInView(word.spans[0].getBoundingClientRect());
    showChip();
  }

  function showChip() {
    const label = audio.paused ? `Go to ${clock(audio.currentTime)}` : "Follow";
    if (chip.textContent !== label) chip.textContent = label;
    if (chip.getAttribute("aria-pressed") !== String(state.following)) {
      chip.setAttribute("aria-pressed", String(state.following));
    }
  }

  // The reader's own scrolling wins: where the word is then out of the way, the page stays put.
  addEventListener("scroll", () => {
    if (audio.paused || !state.following || !state.word || performance.now() < ownScrollUntil) return;
    if (!isComfortable(state.word.spans[0].getBoundingClientRect())) setFollowing(false);
  }, { passive: true });
  for (const event of ["wheel", "touchmove"]) {
    addEventListener(event, () => { ownScrollUntil = 0; }, { passive: true });
  }
  addEventListener("scrollend", () => { ownScrollUntil = 0; });
  chip.addEventListener("click", () => setFollowing(true));

  showPlace();

  // The place where the reader stopped --------------------------------------------------------------

  let savedAt = 0;
  function save() {
    if (!audio.currentTime) return;
    const rest = seekBar.max - audio.currentTime;
    memory.set(positionName, rest > 5 ? audio.currentTime.toFixed(1) : "");
    savedAt = audio.currentTime;
  }
  audio.addEventListener("pause", save);
  addEventListener("pagehide", save);
  audio.addEventListener("timeupdate", () => {
    if (Math.abs(audio.currentTime - savedAt) > 5) save();
  });

  return {
    audio,
    get word() { return state.word; },
    get following() { return state.following; },
    seek,
    play,
    toggle,
    setSpeed,
    setFollowing,
    follow: () => setFollowing(true),

    /** Play only from `clip.start` to `clip.end`, and show what that is. */
    setClip(clip) {
      state.clip = clip;
      const words = clip ? text.wordsBetween(clip.start, clip.end) : [];
      paint("inkcast-clip", words.length ? [text.rangeOf(words[0], words[words.length - 1])] : []);
    },

    /** Go back to where the last visit ended; the page stays where it is. */
    resume() {
      const seconds = Number(memory.get(positionName));
      if (!(seconds > 5 && seconds < seekBar.max)) return;
      seek(seconds * 1000);
      setFollowing(false);
    },
  };
}

/** A short message that is gone after a while. */
function say(message) {
  const toast = document.querySelector(".toast");
  toast.textContent = message;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { toast.textContent = ""; }, 2500);
}
