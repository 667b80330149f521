/** Words under mouse and keyboard: the text is one stop of the Tab key, arrows move within it. */
function makeFocus(text, player, essay) {
  const { words } = text;
  let stop;

  /** Let the Tab key lead to `word`. */
  function place(word) {
    if (stop === word) return;
    stop?.spans[0].removeAttribute("tabindex");
    stop = word;
    if (stop) stop.spans[0].tabIndex = 0;
  }

  function move(word) {
    place(word);
    word.spans[0].focus({ preventScroll: true });
    word.spans[0].scrollIntoView({ block: "nearest" });
  }

  /** First and last word of the block. */
  function edge(word, direction) {
    let { index } = word;
    while (words[index + direction]?.block === word.block) index += direction;
    return words[index];
  }

  const MOVES = {
    ArrowRight: (word) => text.shownAfter(word, 1),
    ArrowLeft: (word) => text.shownAfter(word, -1),
    ArrowDown: (word) => text.shownAfter(edge(word, 1), 1),
    ArrowUp: (word) => {
      const before = text.shownAfter(edge(word, -1), -1);
      return before && edge(before, -1);
    },
    Home: (word) => edge(word, -1),
    End: (word) => edge(word, 1),
  };

  function playFrom(word) {
    player.seek(word.start);
    player.play();
    player.follow();
  }

  essay.addEventListener("click", (event) => {
    if (event.target.closest("a, button") || !getSelection().isCollapsed) return;
    const word = text.wordOf(event.target.closest("span[data-m]"));
    if (!word) return;
    place(word);
    playFrom(word);
  });

  essay.addEventListener("keydown", (event) => {
    const word = text.wordOf(event.target);
    if (!word || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.key === "Enter" || (event.key === " " && player.audio.paused)) playFrom(word);
    else if (MOVES[event.key]) move(MOVES[event.key](word) || word);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  // A word is a button only while it has the focus: otherwise paragraphs are read as plain text.
  essay.addEventListener("focusin", (event) => {
    if (text.wordOf(event.target)) event.target.setAttribute("role", "button");
  });
  essay.addEventListener("focusout", (event) => {
    if (text.wordOf(event.target)) event.target.removeAttribute("role");
  });

  // The Tab key leads to the word that is heard. That is decided when the key is pressed: moving the
  // stop along with the voice would touch the document twice as often. From a paragraph's time, which
  // has the focus where an address has led to it, the key leads into the paragraph.
  addEventListener("keydown", (event) => {
    if (event.key !== "Tab") return;
    const here = document.activeElement;
    const addressed = here.matches(".time") && here.nextElementSibling?.querySelector("span[data-m]");
    const heard = essay.contains(here) ? undefined : player.word;
    const word = addressed ? text.wordOf(addressed) : heard;
    if (word) place(word);
  }, true);

  place(words[0]);
  return { move };
}

/** Keys that work anywhere in the page, and the page that tells of them. */
function makeKeys({ text, player, quotes, search, voices }) {
  const { audio } = player;
  const single = document.querySelector(".single-keys");

  /** Open or close a panel; who opens it with a key goes on in it with keys. */
  function toggle(id) {
    const panel = document.getElementById(id);
    panel.togglePopover();
    if (!panel.matches(":popover-open")) return;
    (panel.querySelector("[aria-current], [name=voice]:checked") || panel).focus();
  }

  function sentence(step) {
    const word = text.wordFrom(audio.currentTime * 1000);
    if (!word) return;
    const inside = audio.currentTime * 1000 - text.words[word.sentence.first].start;
    // Like "back" on any player: first to the beginning of this one.
    let at = word.sentence.index + (step < 0 && inside > 1500 ? 0 : step);
    const first = () => text.words[text.sentences[at]?.first];
    while (first() && !text.isShown(first())) at += step;
    if (first()) player.seek(first().start);
    player.follow();
  }

  function speed(step) {
    const options = [...document.querySelector(".speed").options].map((option) => Number(option.value));
    const rate = options[options.indexOf(audio.playbackRate) + step];
    if (!rate) return;
    player.setSpeed(rate);
    say(`Speed ${rate}×`);
  }

  function unspoken() {
    const show = document.querySelector(".show-unspoken");
    show.click();
    say(show.checked ? "Showing what is not read aloud" : "Showing only what is read aloud");
  }

  const KEYS = [
    [["Space", "K"], "Play or pause", () => player.toggle()],
    [["J"], "Back to the beginning of the sentence", () => sentence(-1)],
    [["L"], "To the next sentence", () => sentence(1)],
    [["←"], "Back 5 seconds", () => player.skip(-5)],
    [["→"], "Forward 5 seconds", () => player.skip(5)],
    [["["], `Back ${BACK_S} seconds`, () => player.skip(-BACK_S)],
    [["]"], `Forward ${FORWARD_S} seconds`, () => player.skip(FORWARD_S)],
    [["<"], "Slower", () => speed(-1)],
    [[">"], "Faster", () => speed(1)],
    [["F"], "Follow the voice", () => player.setFollowing(!player.following)],
    ...(voices ? [
      [["P"], "Back to the beginning of the turn", () => voices.step(-1)],
      [["N"], "To the next turn", () => voices.step(1)],
      [["V"], "Speakers", () => toggle("inkcast-speakers")],
    ] : []),
    [["C"], "Contents", () => toggle("inkcast-contents")],
    [["/"], "Search", () => search.open()],
    [["Q"], "Copy the selected text as a quote", () => quotes.copyQuote()],
    [["S"], "Copy a link to the selected text, or to this moment", () => quotes.copyLink()],
    [["U"], "Show or hide what is not read aloud", unspoken],
    [["?"], "This help", () => toggle("inkcast-help")],
    [["Esc"], "Close", undefined],
  ];
  const IN_TEXT = [
    [["←", "→"], "Previous word, next word"],
    [["↑", "↓"], "Previous paragraph, next paragraph"],
    [["Home", "End"], "First and last word of the paragraph"],
    [["Enter"], "Play from the word"],
  ];
  const NAMES = { " ": "Space", ArrowLeft: "←", ArrowRight: "→" };

  for (const [list, rows] of [[".keys", KEYS], [".keys-in-text", IN_TEXT]]) {
    for (const [keys, label] of rows) {
      const row = document.createElement("div");
      const [name, meaning] = [document.createElement("dt"), document.createElement("dd")];
      for (const key of keys) {
        const cap = document.createElement("kbd");
        cap.textContent = key;
        name.append(cap, " ");
      }
      meaning.textContent = label;
      row.append(name, meaning);
      document.querySelector(list).append(row);
    }
  }

  // Whoever talks to the computer, or presses keys by accident, can switch them off (WCAG 2.2, 2.1.4).
  single.checked = memory.get("keys") !== "off";
  single.addEventListener("change", () => memory.set("keys", single.checked ? "" : "off"));

  /** Whether the element has its own use for the key. */
  function needs(element, key) {
    if (element.closest("input:not([type=range], [type=checkbox]), select, textarea")) return true;
    if (key === "Space") return Boolean(element.closest("button, summary, input[type=checkbox]"));
    return false;
  }

  document.addEventListener("keydown", (event) => {
    if (!single.checked || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = NAMES[event.key] || (event.key.length === 1 ? event.key.toUpperCase() : "");
    const found = KEYS.find(([keys, , run]) => run && keys.includes(key));
    if (!found || needs(event.target, key)) return;
    event.preventDefault();
    found[2]();
  });
}
