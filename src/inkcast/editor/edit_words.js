/** The words of the essay, and which of them are selected: words, or a note of extra speech. */
function makeWords(essay, editor) {
  const whenSelected = [];
  let words = [];
  const wordOf = new Map();
  let byName = new Map();
  let chosen; // { first, last } with indexes, or { extra }
  let anchor = 0; // where the selection began
  let stop;

  /** Read the words again; the selection stays where it was. */
  function read() {
    const names = chosen && !chosen.extra && [words[chosen.first].name, words[chosen.last].name];
    const began = words[anchor]?.name;
    byName = new Map();
    wordOf.clear();
    for (const span of essay.querySelectorAll("[data-w]")) {
      const name = span.dataset.w;
      let word = byName.get(name);
      if (!word) {
        const start = span.dataset.m === undefined ? undefined : Number(span.dataset.m);
        word = { name, index: byName.size, start, end: start + Number(span.dataset.d), spans: [], text: "" };
        word.block = span.closest("p, h1, h2, h3, h4, h5, h6, figcaption, pre");
        word.begins = span.hasAttribute("data-s");
        byName.set(name, word);
      }
      word.spans.push(span);
      word.text += span.textContent;
      wordOf.set(span, word);
    }
    words = [...byName.values()];
    for (const note of essay.querySelectorAll("aside.extra")) note.setAttribute("role", "note");
    for (const note of essay.querySelectorAll("aside.extra p")) {
      note.tabIndex = 0;
      note.setAttribute("role", "button");
    }
    for (const link of essay.querySelectorAll("a")) Object.assign(link, { tabIndex: -1, draggable: false });
    const hadFocus = document.activeElement === document.body && names;
    if (names) {
      const [first, last] = names.map((name) => byName.get(name)?.index);
      anchor = byName.get(began)?.index ?? first ?? 0;
      const near = first ?? Math.min(chosen.first, words.length - 1);
      select(near, Math.max(near, last ?? near), { quiet: true, focus: hadFocus });
    } else if (chosen) {
      const start = (note) => Number(note.querySelector("[data-m]").dataset.m);
      const was = start(chosen.extra);
      const away = (note) => Math.abs(start(note) - was);
      const near = [...essay.querySelectorAll("aside.extra")].sort((a, b) => away(a) - away(b))[0];
      const focus = document.activeElement === document.body;
      if (near && away(near) < 1000) selectExtra(near, { focus, quiet: true });
      else {
        anchor = words.findLast((word) => word.start <= was)?.index ?? 0;
        select(anchor, anchor, { focus, quiet: true });
      }
    } else place(words[0]);
  }

  function place(word) {
    stop?.spans[0].removeAttribute("tabindex");
    stop = word;
    if (stop) stop.spans[0].tabIndex = 0;
  }

  function paint() {
    for (const old of essay.querySelectorAll(".chosen")) old.classList.remove("chosen");
    if (!chosen) return;
    if (chosen.extra) chosen.extra.classList.add("chosen");
    else for (const word of words.slice(chosen.first, chosen.last + 1)) {
      for (const span of word.spans) span.classList.add("chosen");
    }
  }

  /** Select words by their indexes; nothing without them. */
  function select(first, last = first, { quiet = false, focus = false, end = last } = {}) {
    chosen = first === undefined ? undefined : { first, last };
    paint();
    if (chosen) {
      place(words[end]);
      if (focus) words[end].spans[0].focus({ preventScroll: true });
    }
    for (const run of whenSelected) run(quiet);
  }

  function selectExtra(extra, { quiet = false, focus = false } = {}) {
    chosen = { extra };
    paint();
    if (focus) extra.querySelector("p").focus({ preventScroll: true });
    for (const run of whenSelected) run(quiet);
  }

  /** Let the selection reach from where it began to a word. */
  function reach(index, options) {
    select(Math.min(anchor, index), Math.max(anchor, index), { ...options, end: index });
  }

  function go(index, isMore, options) {
    if (!words[index]) return;
    if (isMore) reach(index, options);
    else {
      anchor = index;
      select(index, index, options);
    }
    words[index].spans[0].scrollIntoView({ block: "nearest" });
  }

  // Mouse and finger -----------------------------------------------------------------------------

  essay.addEventListener("click", (event) => {
    event.preventDefault();
    if (!getSelection().isCollapsed) return;
    const note = event.target.closest("aside.extra");
    if (note) {
      selectExtra(note, { focus: true });
      return;
    }
    const word = wordOf.get(event.target.closest("[data-w]"));
    if (word) go(word.index, event.shiftKey && chosen && !chosen.extra, { focus: true });
  });
  essay.addEventListener("mousedown", (event) => {
    if (event.shiftKey) event.preventDefault(); // Shift and a click reach further, without selecting text
  });

  function takeSelected() {
    const selection = getSelection();
    if (selection.isCollapsed || !selection.rangeCount) return;
    const range = selection.getRangeAt(0);
    if (!range.intersectsNode(essay) || !range.toString().trim()) return;
    const within = words.filter((word) => word.spans.some((span) => {
      const own = document.createRange();
      own.selectNodeContents(span);
      return range.compareBoundaryPoints(Range.END_TO_START, own) < 0
        && range.compareBoundaryPoints(Range.START_TO_END, own) > 0;
    }));
    if (!within.length) return;
    anchor = within[0].index;
    reach(within[within.length - 1].index);
  }
  let timer = 0;
  document.addEventListener("selectionchange", () => {
    clearTimeout(timer);
    timer = setTimeout(takeSelected, 150);
  });

  // Keys -----------------------------------------------------------------------------------------

  function edge(index, step) {
    while (words[index + step]?.block === words[index].block) index += step;
    return index;
  }

  const MOVES = {
    ArrowRight: (at) => at + 1,
    ArrowLeft: (at) => at - 1,
    ArrowDown: (at) => edge(at, 1) + 1,
    ArrowUp: (at) => (edge(at, -1) ? edge(edge(at, -1) - 1, -1) : 0),
    Home: (at) => edge(at, -1),
    End: (at) => edge(at, 1),
  };
  essay.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const note = event.target.closest("aside.extra");
    const beside = note ? words.findIndex((word) =>
      note.compareDocumentPosition(word.spans[0]) & Node.DOCUMENT_POSITION_FOLLOWING) : -1;
    if (/^Arrow(Right|Down)$/.test(event.key) && beside >= 0) go(beside, false, { focus: true });
    else if (/^Arrow(Left|Up)$/.test(event.key) && beside > 0) go(beside - 1, false, { focus: true });
    else if (note && (event.key === "Enter" || event.key === " ")) selectExtra(note);
    else if (event.key === "Enter" && wordOf.get(event.target)) go(wordOf.get(event.target).index, false);
    else if (MOVES[event.key] && wordOf.get(event.target)) {
      go(MOVES[event.key](wordOf.get(event.target).index), event.shiftKey, { focus: true });
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  essay.addEventListener("focusin", (event) => {
    if (wordOf.get(event.target)) event.target.setAttribute("role", "button");
  });
  essay.addEventListener("focusout", (event) => {
    if (wordOf.get(event.target)) event.target.removeAttribute("role");
  });

  editor.server.onNew(read);

  return {
    get all() { return words; },
    get chosen() { return chosen; },
    named: (name) => byName.get(name),
    onSelect: (run) => whenSelected.push(run),
    select(first, last) {
      anchor = first;
      select(first, last, { focus: true });
      words[first].spans[0].scrollIntoView({ block: "center" });
    },
    selectExtra(note) {
      selectExtra(note, { focus: true });
      note.scrollIntoView({ block: "center" });
    },
    forget: () => select(),
    focus() {
      if (chosen?.extra) chosen.extra.querySelector("p").focus({ preventScroll: true });
      else stop?.spans[0].focus({ preventScroll: true });
    },

    /** From the first start to the last end of what is selected; of what is not read, the time around it. */
    span() {
      if (!chosen) return undefined;
      if (chosen.extra) {
        const span = chosen.extra.querySelector("[data-m]");
        const start = Number(span.dataset.m);
        return { start, end: start + Number(span.dataset.d), isRead: true };
      }
      const heard = words.slice(chosen.first, chosen.last + 1).filter((word) => word.start !== undefined);
      if (heard.length) {
        return {
          start: Math.min(...heard.map((word) => word.start)),
          end: Math.max(...heard.map((word) => word.end)),
          isRead: true,
        };
      }
      const before = words.slice(0, chosen.first).findLast((word) => word.start !== undefined);
      const after = words.slice(chosen.last + 1).find((word) => word.start !== undefined);
      const start = before?.end ?? 0;
      return { start, end: Math.max(start + 200, after?.start ?? start + 1000), isRead: false };
    },

    /** When the sentence around the selection is heard. */
    sentence() {
      const own = this.span();
      if (chosen.extra) return own;
      let [first, last] = [chosen.first, chosen.last];
      while (first && !words[first].begins && words[first - 1].block === words[first].block) first--;
      while (words[last + 1]?.block === words[last].block && !words[last + 1].begins) last++;
      const heard = words.slice(first, last + 1).filter((word) => word.start !== undefined);
      return {
        start: Math.min(own.start, ...heard.map((word) => word.start)),
        end: Math.max(own.end, ...heard.map((word) => word.end)),
      };
    },
    text: () => {
      if (!chosen) return "";
      if (chosen.extra) return chosen.extra.querySelector("[data-m]").textContent;
      const range = document.createRange();
      range.setStartBefore(words[chosen.first].spans[0]);
      range.setEndAfter(words[chosen.last].spans.at(-1));
      const part = document.createElement("div");
      part.append(range.cloneContents());
      for (const other of part.querySelectorAll("aside, .caret, .time, [role=doc-noteref]")) other.remove();
      return part.textContent.replace(/\s+/g, " ").trim();
    },
  };
}
