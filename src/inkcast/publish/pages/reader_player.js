const BACK_S = 15; // what most players of podcasts do
const FORWARD_S = 30;

/** The recording: playing it, the light that goes with it, following it down the page. */
function makePlayer(text, essay) {
  const audio = document.querySelector("audio");
  const bar = makeBar(audio);
  const speed = document.querySelector(".speed");
  const chip = document.querySelector(".follow");
  const playButtons = [document.querySelector(".play"), document.querySelector(".listen")];
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const positionName = `position ${essay.dataset.recording}`;
  const sentenceTint = makeTint("sentence");
  const clipTint = makeTint("clip");
  const whenLeft = [];

  // All that changes while the page is open. Who only visits a place that an address named has not read up
  // to there.
  const state = { word: undefined, following: true, clip: undefined, stopAt: Infinity, visiting: false };

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
    const tint = word?.sentence !== old?.sentence ? sentenceTint.plan(sentenceOf(word)) : undefined;
    if (old) for (const span of old.spans) span.removeAttribute("aria-current");
    state.word = word;
    if (word) {
      for (const span of word.spans) span.setAttribute("aria-current", "true");
    }
    if (word?.block !== old?.block) {
      timeOf(old)?.classList.remove("now");
      timeOf(word)?.classList.add("now");
    }
    if (tint) sentenceTint.apply(tint);
    if (box) keepInView(box);
  }

  const sentenceOf = (word) =>
    word ? text.rangesOf(text.words[word.sentence.first], text.words[word.sentence.last]) : [];

  const clipRanges = () => {
    const words = state.clip ? text.wordsBetween(state.clip.start, state.clip.end) : [];
    return words.length ? [words[0], words[words.length - 1]] : undefined;
  };

  function showClip() {
    const ends = clipRanges();
    paint("inkcast-clip", ends ? [text.rangeOf(...ends)] : []);
    clipTint.apply(clipTint.plan(ends ? text.rangesOf(...ends) : []));
  }

  // Lines break elsewhere in another width or size of text.
  let width = 0;
  new ResizeObserver(() => {
    if (essay.clientWidth === width && !state.word && !state.clip) return;
    width = essay.clientWidth;
    sentenceTint.apply(sentenceTint.plan(sentenceOf(state.word)));
    showClip();
  }).observe(essay);

  let timer = 0;
  function update() {
    clearTimeout(timer);
    // Half a millisecond: currentTime is a fraction, and may be a hair before what was asked for.
    const ms = audio.currentTime * 1000 + 0.5;
    const { word, until } = text.at(ms);
    if (word && !audio.paused && !text.isShown(word)) {
      passOver(ms);
      return;
    }
    light(word);
    bar.show();
    showChip();
    if (ms >= state.stopAt) {
      state.stopAt = Infinity;
      audio.pause();
    }
    if (audio.paused) return;
    // Wake up when the next word begins, not 60 times a second.
    const next = Math.min(until, state.stopAt);
    timer = setTimeout(update, Math.min(250, Math.max(4, (next - ms) / audio.playbackRate)));
  }

  /** To the next word that is on the page. */
  function passOver(ms) {
    const next = text.shownFrom(ms);
    if (next) audio.currentTime = next.start / 1000;
    else audio.pause();
  }
  for (const event of ["play", "pause", "seeking", "seeked", "timeupdate", "ratechange", "ended"]) {
    audio.addEventListener(event, update);
  }

  // Playing --------------------------------------------------------------------------------------

  /** Go to a place that an address has named. */
  function visit(ms) {
    state.visiting = true;
    audio.currentTime = Math.max(0, ms / 1000);
    update();
  }

  /** Go to a place that the reader has chosen. */
  function seek(ms) {
    setClip(undefined);
    leave();
    audio.currentTime = Math.max(0, ms / 1000);
    update();
  }

  function leave() {
    if (!state.visiting) return;
    state.visiting = false;
    for (const each of whenLeft) each();
  }

  function setClip(clip) {
    state.clip = clip;
    state.stopAt = clip ? clip.end : Infinity;
    showClip();
  }

  const skip = (by) => seek((audio.currentTime + by) * 1000);

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

  // Whoever plays on after a passage, or without one, reads here.
  audio.addEventListener("play", () => { if (state.stopAt === Infinity) leave(); });
  bar.input.addEventListener("input", () => seek(bar.input.value * 1000));
  document.querySelector(".back").addEventListener("click", () => skip(-BACK_S));
  document.querySelector(".forward").addEventListener("click", () => skip(FORWARD_S));

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
    if (on && word && text.isShown(word)) keepInView(word.spans[0].getBoundingClientRect());
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

  showChip();

  // The place where the reader stopped --------------------------------------------------------------

  let savedAt = 0;
  function save() {
    if (!audio.currentTime || state.visiting) return;
    const rest = bar.length - audio.currentTime;
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
    bar,
    get word() { return state.word; },
    get following() { return state.following; },
    visit,
    seek,
    skip,
    play,
    toggle,
    setSpeed,
    setFollowing,
    follow: () => setFollowing(true),
    onLeave: (run) => whenLeft.push(run),

    /** Play only from `clip.start` to `clip.end`, and show what that is; undefined: play on. */
    setClip,

    /** Go back to where the last visit ended; the page stays where it is. */
    resume() {
      const seconds = Number(memory.get(positionName));
      if (!(seconds > 5 && seconds < bar.length)) return;
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
