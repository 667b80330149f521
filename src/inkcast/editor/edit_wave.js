/** The waveform of the sentence, and the two borders of what is selected. */
function makeWave(editor) {
  const { words, sound } = editor;
  const MOST_MS = 4000; // on either side: a screen is only so wide
  const MARGIN_MS = 300;
  const LONGEST_MS = 30_000;
  const box = document.querySelector(".wave");
  const canvas = box.querySelector("canvas");
  const here = box.querySelector(".here");
  const borders = { start: box.querySelector(".from"), end: box.querySelector(".to") };
  const whenMoved = [];
  let shown; // { start, end, samples }
  let now = { start: 0, end: 0 };
  let turn = 0;
  let timer = 0; // until what was nudged is asked for

  const x = (ms) => (ms - shown.start) / (shown.end - shown.start) * box.clientWidth;
  const msAt = (event) => {
    const along = (event.clientX - box.getBoundingClientRect().left) / box.clientWidth;
    return shown.start + Math.min(1, Math.max(0, along)) * (shown.end - shown.start);
  };

  function showBorders() {
    for (const [name, border] of Object.entries(borders)) {
      border.style.setProperty("--x", `${x(now[name])}px`);
      border.setAttribute("aria-valuenow", Math.round(now[name]));
      border.setAttribute("aria-valuetext", clock(now[name]));
    }
    draw();
  }

  /** The lowest and the highest sample of each pixel. */
  function peaksOf(samples, width) {
    if (shown.peaks?.length === width) return shown.peaks;
    shown.peaks = Array.from({ length: width }, (_, pixel) => {
      const until = Math.floor((pixel + 1) / width * samples.length);
      let [low, high] = [0, 0];
      for (let at = Math.floor(pixel / width * samples.length); at < until; at++) {
        if (samples[at] < low) low = samples[at];
        else if (samples[at] > high) high = samples[at];
      }
      return [low, high];
    });
    return shown.peaks;
  }

  function draw() {
    if (!shown?.samples || box.hidden) return;
    const scale = devicePixelRatio || 1;
    const [width, height] = [box.clientWidth, box.clientHeight];
    canvas.width = width * scale;
    canvas.height = height * scale;
    const pen = canvas.getContext("2d");
    const style = getComputedStyle(box);
    pen.scale(scale, scale);
    pen.fillStyle = style.color;
    pen.globalAlpha = 0.13;
    pen.fillRect(x(now.start), 0, x(now.end) - x(now.start), height);
    pen.globalAlpha = 0.62;
    const middle = (height - 16) / 2;
    const peaks = peaksOf(shown.samples, width);
    const loudest = Math.max(0.02, ...peaks.flat().map(Math.abs));
    for (let pixel = 0; pixel < width; pixel++) {
      const [low, high] = peaks[pixel];
      const top = middle - high / loudest * middle;
      pen.fillRect(pixel, top, 1, Math.max(1, (high - low) / loudest * middle));
    }
    pen.font = `11px ${style.fontFamily}`;
    pen.textBaseline = "bottom";
    let written = 0;
    const heard = words.all.filter((word) => word.end > shown.start && word.start < shown.end);
    for (const word of heard.sort((a, b) => a.start - b.start)) {
      const [left, right] = [x(word.start), x(word.end)];
      pen.globalAlpha = 0.45;
      pen.fillRect(left, 0, 1, height - 14);
      pen.globalAlpha = 0.9;
      const wide = pen.measureText(word.text).width;
      if (left < written || wide > right - left + 14) continue;
      pen.fillText(word.text, left + 2, height - 1);
      written = left + wide + 4;
    }
  }

  /** A line where it plays, or where somebody has pointed. */
  function showHere() {
    const ms = sound.here;
    const isInside = shown && ms >= shown.start && ms <= shown.end;
    here.hidden = !isInside;
    if (isInside) here.style.setProperty("--x", `${x(ms)}px`);
  }

  let frame = 0;
  function animate() {
    cancelAnimationFrame(frame);
    showHere();
    if (sound.position() !== undefined) frame = requestAnimationFrame(animate);
  }
  sound.onChange(animate);
  for (const event of ["play", "pause"]) sound.audio.addEventListener(event, animate);

  /** Show the sentence around the selection, with borders at two times. Where it is only shown again, what
   *  was nudged since and is not yet asked for stays. */
  async function show(start, end, isAgain = false) {
    const mine = ++turn;
    if (!isAgain) {
      clearTimeout(timer);
      timer = 0;
    }
    if (!timer) now = { start, end };
    const sentence = words.sentence();
    const from = Math.round(Math.max(0, sentence.start - MARGIN_MS, start - MOST_MS));
    const until = Math.max(end + MARGIN_MS, Math.min(sentence.end + MARGIN_MS, end + MOST_MS));
    const wanted = { start: from, end: Math.round(Math.min(until, from + LONGEST_MS)) };
    box.hidden = false;
    let samples;
    try {
      samples = await sound.read(wanted.start, wanted.end);
    } catch (error) {
      tell(error.message, true);
      return;
    }
    if (mine !== turn) return;
    shown = { ...wanted, samples };
    showBorders();
    showHere();
  }

  function hide() {
    turn += 1;
    box.hidden = true;
  }

  // Dragging and nudging -------------------------------------------------------------------------

  function move(name, ms, delay) {
    const [least, most] = name === "start" ? [0, now.end - 20] : [now.start + 20, Infinity];
    now[name] = Math.round(Math.min(most, Math.max(least, ms)));
    showBorders();
    clearTimeout(timer);
    timer = delay === undefined ? 0 : setTimeout(() => {
      timer = 0;
      for (const run of whenMoved) run(name, now[name]);
    }, delay);
  }

  for (const [name, border] of Object.entries(borders)) {
    let by;
    let began = 0;
    border.addEventListener("pointerdown", (event) => {
      border.setPointerCapture(event.pointerId);
      by = now[name] - msAt(event);
      began = now[name];
      border.focus();
      event.preventDefault();
    });
    border.addEventListener("pointermove", (event) => {
      if (by !== undefined) move(name, msAt(event) + by);
    });
    border.addEventListener("pointerup", (event) => {
      if (by !== undefined && now[name] !== began) move(name, msAt(event) + by, 0);
      by = undefined;
    });
    border.addEventListener("pointercancel", () => { by = undefined; });
    border.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
      if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      move(name, now[name] + step * (event.shiftKey ? 100 : 10), 120);
    });
  }
  canvas.addEventListener("pointerdown", (event) => {
    if (!shown) return;
    sound.stop();
    sound.point(msAt(event));
    showHere();
  });
  new ResizeObserver(() => { if (shown && !box.hidden) showBorders(); }).observe(box);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);

  return {
    show,
    hide,
    get start() { return Math.round(now.start); },
    get end() { return Math.round(now.end); },
    onMoved: (run) => whenMoved.push(run),
  };
}
