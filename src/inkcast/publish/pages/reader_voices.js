/** A conversation: from turn to turn, and what one speaker says alone, on the page and in the ear. */
function makeVoices({ text, player, search, heights }, essay) {
  const LONGEST_NAME = 40;
  const panel = document.getElementById("inkcast-speakers");
  if (!panel) return undefined;
  const button = document.querySelector(".open-speakers");
  const choices = [...panel.querySelectorAll("input")];
  const turns = [...essay.querySelectorAll(".turn")];
  const parts = [...essay.children].flatMap((part) => (part.matches(".turn") ? [...part.children] : [part]));
  const voiceOf = (element) => element.closest("[data-voice]")?.dataset.voice;

  function nameOf(voice) {
    const name = panel.querySelector(`[data-voice="${voice}"] bdi`)?.textContent || "";
    return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name;
  }

  /** Show what one speaker says, with the headings, also what is noted inside another's turn. */
  function choose(voice) {
    const inView = () => turns.find((turn) =>
      (!voice || turn.dataset.voice === voice) && turn.getBoundingClientRect().bottom > 80);
    const before = inView();
    const isOthers = (part) => Boolean(voice) && !part.matches("header, .head, h2") && voiceOf(part) !== voice;
    for (const part of parts) part.classList.toggle("others", isOthers(part));
    for (const turn of turns) {
      const left = [...turn.children].filter((part) => !isOthers(part)).length;
      turn.classList.toggle("others", !left);
      turn.classList.toggle("in-part", left > 0 && left < turn.children.length);
    }
    button.classList.toggle("filters", Boolean(voice));
    search.forget();
    heights.settle();
    // What was looked at stays in sight, if it is there still.
    if (scrollY > 200) (before || inView())?.scrollIntoView({ block: "start" });
    say(voice ? `Only ${nameOf(voice)}` : "Everyone");
  }
  for (const choice of choices) choice.addEventListener("change", () => choose(choice.value));

  /** When each turn that is shown begins to be heard, in the order of time. */
  function starts() {
    return turns.filter((turn) => !turn.classList.contains("others"))
      .map((turn) => [...turn.querySelectorAll("span[data-m]")].find((span) => !span.closest("aside")))
      .filter(Boolean)
      .map((span) => ({ start: text.wordOf(span).start, voice: voiceOf(span) }))
      .sort((a, b) => a.start - b.start);
  }

  return {
    /** Who says what an element shows, as short as a name should be; empty if that is not known. */
    nameAt: (element) => nameOf(voiceOf(element)),

    /** To the next turn or, like "back" on any player, to the beginning of this one and then the one before. */
    step(by) {
      const all = starts();
      const now = player.audio.currentTime * 1000 + 0.5;
      const here = all.findLastIndex(({ start }) => start <= now);
      const inside = here >= 0 && now - all[here].start > 1500;
      const target = all[here + (by < 0 && inside ? 0 : by)];
      if (!target) return;
      player.seek(target.start);
      player.follow();
      say(nameOf(target.voice));
    },

    showAll() {
      if (choices[0].checked) return;
      choices[0].checked = true;
      choose("");
    },
  };
}
