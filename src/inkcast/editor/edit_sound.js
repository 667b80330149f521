/** Stretches of the recording as the server has decoded them: players find places in some files only nearly. */
function makeSound() {
  const RATE = 16000;
  const audio = document.querySelector("audio");
  const whenStopped = [];
  let context;
  let playing; // { source, start, end, at, loop }
  let known; // { start, end, samples }
  let turn = 0;
  let isComing = false; // what is to be played is fetched
  let place; // where "here" is, if it was pointed at

  /** Samples between two times, in -1 .. 1. */
  async function read(start, end) {
    if (!known || start < known.start || end > known.end) {
      const reply = await fetch(`sound?start=${Math.round(start)}&end=${Math.round(end)}`);
      if (!reply.ok) throw new Error("The recording cannot be read.");
      const values = new Int16Array((await reply.arrayBuffer()).slice(44)); // the header of a WAV file
      const samples = new Float32Array(values.length);
      for (let at = 0; at < values.length; at++) samples[at] = values[at] / 32768;
      known = { start: Math.round(start), end: Math.round(end), samples };
    }
    const from = Math.round((start - known.start) * RATE / 1000);
    return known.samples.subarray(Math.max(0, from), from + Math.round((end - start) * RATE / 1000));
  }

  function stop() {
    turn += 1;
    isComing = false;
    audio.pause();
    if (!playing) return;
    place = undefined;
    playing.source.onended = null;
    playing.source.stop();
    playing = undefined;
    for (const run of whenStopped) run();
  }

  /** Play between two times, once or again and again. */
  async function play(start, end, { loop = false } = {}) {
    stop();
    const mine = turn;
    isComing = true;
    start = Math.max(0, Math.round(start));
    context ||= new AudioContext();
    context.resume();
    let samples;
    try {
      samples = await read(start, end);
    } catch (error) {
      if (mine === turn) isComing = false;
      tell(error.message, true);
      return;
    }
    if (mine !== turn) return;
    isComing = false;
    if (!samples.length) return;
    const buffer = context.createBuffer(1, samples.length, RATE);
    buffer.copyToChannel(samples, 0);
    const source = new AudioBufferSourceNode(context, { buffer, loop });
    source.connect(context.destination);
    source.onended = () => { if (playing?.source === source) stop(); };
    playing = { source, start, end: start + samples.length * 1000 / RATE, at: context.currentTime, loop };
    source.start();
    for (const run of whenStopped) run();
  }

  /** Where it is now, in ms; undefined where nothing plays. */
  function position() {
    if (!audio.paused) return audio.currentTime * 1000;
    if (!playing) return undefined;
    const length = playing.end - playing.start;
    const since = (context.currentTime - playing.at) * 1000;
    return playing.start + (playing.loop ? since % length : Math.min(length, since));
  }

  return {
    audio,
    read,
    play,
    stop,
    position,
    onChange: (run) => whenStopped.push(run),
    get plays() { return isComing || position() !== undefined; },
    get loops() { return Boolean(playing?.loop); },
    get here() { return position() ?? place; },
    point(ms) { place = ms; },

    /** Play on from a time. */
    playFrom(ms) {
      stop();
      audio.currentTime = ms / 1000;
      audio.play().catch(() => {});
    },
  };
}
