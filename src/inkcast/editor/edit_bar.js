/** What is selected, and what may be wrong with it. */
function makeBar(editor) {
  const { words, sound, wave, doubts, server } = editor;
  const what = document.querySelector(".what");
  const acts = document.querySelector(".acts");
  const form = document.querySelector(".ask");
  const field = form.querySelector("input");
  const undo = document.querySelector(".undo");
  let asked; // the kind whose text or time is being given

  function describe() {
    const { chosen } = words;
    what.textContent = "";
    if (!chosen) {
      what.textContent = "Nothing is selected.";
      return;
    }
    const { start, end, isRead } = words.span();
    const doubt = chosen.extra ? undefined : doubts.of(chosen.first);
    const bold = document.createElement("b");
    bold.textContent = `“${words.text()}”`;
    const state = chosen.extra ? "said, but not written" : doubt ? DOUBTS[doubt.kind] : isRead ? "" : "not read";
    const said = doubt?.said ? `: “${doubt.said}”` : "";
    const about = document.createElement("span");
    about.textContent = [isRead && `${clock(start)}–${clock(end)}`, state && `${state}${said}`].filter(Boolean).join(" · ");
    what.append(bold, " ", about);
  }

  function showSelection(quiet) {
    const { chosen } = words;
    if (asked && !quiet) close();
    if (!quiet) tell("");
    acts.hidden = !chosen || Boolean(asked);
    describe();
    if (!chosen) {
      wave.hide();
      return;
    }
    for (const button of acts.children) {
      const { act } = button.dataset;
      const ofExtra = ["loop", "right", "extra speech", "silence"].includes(act);
      button.hidden = chosen.extra ? !ofExtra : act === "silence" || (!words.span().isRead && /^(starts|ends) here$/.test(act));
    }
    const { start, end } = words.span();
    wave.show(start, end, quiet);
  }
  words.onSelect(showSelection);
  server.onNew((state) => {
    describe();
    undo.disabled = !state.undo;
    undo.title = state.undo ? `Undo: ${state.undo}` : "";
  });

  const around = () => {
    const { start, end } = words.span() || {};
    return [start - AROUND_MS, Math.min(end + AROUND_MS, start + LONGEST_MS)];
  };
  const hear = (loop) => sound.play(...around(), { loop });

  /** Ask for a change of what is selected, and let it be heard. */
  async function change(kind, fields = {}) {
    const { chosen } = words;
    if (!chosen) return;
    const loops = sound.loops;
    const [first, last] = chosen.extra ? [] : [words.all[chosen.first].name, words.all[chosen.last].name];
    const before = words.span();
    tell("");
    if (await server.ask("change", { kind, first, last, ...fields })) {
      tell("Saved");
      close();
      hear(loops);
    } else if (words.chosen && !asked) wave.show(before.start, before.end);
  }

  // Text and times that are asked for ------------------------------------------------------------

  const LABELS = {
    "read here": "Set the borders",
    "said instead": "Said instead",
    "extra speech": "Said between the borders",
    wording: "As it should be written",
    speaker: "Who says it",
    voice: "Whose voice it is, everywhere",
  };

  function open(kind) {
    asked = kind;
    const text = { wording: words.text(), "extra speech": words.chosen.extra ? words.text() : "" };
    const note = words.chosen.extra ? undefined : doubts.of(words.chosen.first);
    form.querySelector(".ask-label").textContent = LABELS[kind];
    field.hidden = kind === "read here";
    field.value = kind === "said instead" ? note?.said || "" : text[kind] || "";
    form.hidden = false;
    acts.hidden = true;
    if (kind === "extra speech" && !words.chosen.extra) {
      const { end } = words.span();
      const after = words.all.slice(words.chosen.last + 1).find((word) => word.start >= end);
      wave.show(end, Math.max(end + 200, Math.min(after?.start ?? Infinity, end + 2000)));
    }
    if (field.hidden) document.querySelector(".border.from").focus();
    else {
      field.focus();
      field.select();
    }
  }

  function close() {
    if (!asked) return;
    asked = undefined;
    const hadFocus = form.contains(document.activeElement) || document.activeElement === document.body;
    form.hidden = true;
    acts.hidden = !words.chosen;
    if (hadFocus) words.focus();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const times = { start_ms: wave.start, end_ms: wave.end };
    const text = field.value;
    if (asked === "read here") change(asked, times);
    else if (asked === "extra speech") change(asked, { text, ...times });
    else change(asked, { text });
  });
  document.querySelector(".wave").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && asked) form.requestSubmit();
  });
  form.querySelector(".cancel").addEventListener("click", () => {
    close();
    showSelection();
  });

  wave.onMoved((name, ms) => {
    if (asked) sound.play(wave.start, wave.end);
    else if (words.chosen.extra) change("extra speech", { text: words.text(), start_ms: wave.start, end_ms: wave.end });
    else if (!words.span().isRead) open("read here");
    else if (name === "start") change("starts here", { start_ms: ms });
    else change("ends here", { end_ms: ms });
  });

  function here(kind) {
    const ms = sound.here;
    if (ms === undefined) tell("Play it, or point into the wave, and say when.", true);
    else change(kind, { [kind === "starts here" ? "start_ms" : "end_ms"]: Math.round(ms) });
  }

  function act(name) {
    if (!words.chosen) {
      tell("Select words first.", true);
      return;
    }
    const { extra } = words.chosen;
    const { start, end, isRead } = words.span();
    const times = { start_ms: start, end_ms: end };
    if (name === "loop") {
      if (sound.loops) sound.stop();
      else hear(true);
    } else if (extra && name === "right") change("extra speech", { text: words.text(), ...times });
    else if (extra && name === "silence") change("extra speech", { text: "", ...times });
    else if (extra ? name === "extra speech" : LABELS[name]) open(name);
    else if (extra || name === "silence") return;
    else if (/ here$/.test(name)) {
      if (isRead) here(name);
    } else change(name);
  }

  acts.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) act(button.dataset.act);
  });
  const loop = acts.querySelector("[data-act=loop]");
  sound.onChange(() => loop.setAttribute("aria-pressed", String(sound.loops)));

  async function undoLast() {
    if (undo.disabled) return;
    tell("");
    if (await server.ask("undo", {})) {
      tell("Undone");
      if (words.chosen) hear(sound.loops);
    }
  }
  undo.addEventListener("click", undoLast);
  document.querySelector(".next-doubt").addEventListener("click", () => doubts.go(1));
  document.querySelector(".previous-doubt").addEventListener("click", () => doubts.go(-1));
  makePlaying(editor);
  makeEnd(editor);

  Object.assign(editor, {
    act,
    undo: undoLast,
    leave() {
      if (asked) {
        close();
        showSelection();
      } else if (sound.plays) sound.stop();
      else words.forget();
    },
  });
}

/** Playing on through the text, with a light on the word that is heard. */
function makePlaying(editor) {
  const { words, sound } = editor;
  const button = document.querySelector(".play");
  let lit;
  function light() {
    const ms = sound.audio.currentTime * 1000;
    const word = sound.audio.paused ? undefined : words.all.find((each) => each.start <= ms && ms < each.end);
    if (word?.spans[0] === lit) return;
    lit?.removeAttribute("aria-current");
    lit = word?.spans[0];
    lit?.setAttribute("aria-current", "true");
  }
  let timer = 0;
  function show() {
    const plays = !sound.audio.paused;
    root.classList.toggle("playing", plays);
    button.setAttribute("aria-label", plays ? "Pause" : "Play");
    clearInterval(timer);
    if (plays) timer = setInterval(light, 50);
    light();
  }
  for (const event of ["play", "pause", "ended"]) sound.audio.addEventListener(event, show);
  editor.toggle = () => {
    if (sound.plays) sound.stop();
    else sound.playFrom(words.span()?.start ?? sound.audio.currentTime * 1000);
  };
  button.addEventListener("click", editor.toggle);
}

/** "Done": everything is made anew, and the page is over. */
function makeEnd({ server, sound }) {
  const button = document.querySelector(".done");
  button.addEventListener("click", async () => {
    sound.stop();
    button.disabled = true;
    tell("Making everything anew…");
    try {
      const { files, seconds } = await server.finish();
      const end = document.createElement("p");
      end.className = "end";
      end.setAttribute("role", "status");
      end.textContent = files.length
        ? `${files.length} files were made anew in ${seconds} seconds. You can close this page.`
        : "Nothing was changed. You can close this page.";
      document.querySelector(".editor").remove();
      document.querySelector("main").replaceChildren(end);
    } catch (error) {
      button.disabled = false;
      tell(error.message, true);
    }
  });
}

/** Keys that work anywhere but where text is typed. */
function makeEditKeys(editor) {
  const single = document.querySelector(".single-keys");
  const acts = new Map([...document.querySelectorAll(".acts button")].map((button) =>
    [button.getAttribute("aria-keyshortcuts"), button.dataset.act]));
  document.addEventListener("keydown", (event) => {
    const isTyped = event.target.matches("input[type=text]");
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !event.shiftKey && !isTyped) {
      event.preventDefault();
      editor.undo();
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      if (!document.querySelector("#edit-help:popover-open")) editor.leave();
      return;
    }
    // Whoever talks to the computer, or presses keys by accident, can switch them off (WCAG 2.2, 2.1.4).
    if (isTyped || !single.checked) return;
    const key = event.key.toUpperCase();
    if (event.key === " " && !event.target.closest("button, input")) editor.toggle();
    else if (key === "N") editor.doubts.go(1);
    else if (key === "P") editor.doubts.go(-1);
    else if (key === "?") document.getElementById("edit-help").togglePopover();
    else if (acts.has(key)) editor.act(acts.get(key));
    else return;
    event.preventDefault();
  });
}
