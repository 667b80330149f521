/** Search: every place where the text has the words, whatever its case, accents and quotation marks. */
function makeSearch(text, player, focus, essay) {
  const SHOWN = 3000; // More than that is no search but a letter; the browser need not paint it.
  const LIKE = { "‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u00a0": " ", "\n": " " };

  const bar = document.querySelector(".search");
  const field = bar.querySelector("input");
  const count = bar.querySelector(".found");
  const opener = document.querySelector(".open-search");
  const state = { blocks: undefined, hits: [], at: -1, from: undefined };

  /** The text in its plainest form, character for character, so that places stay the same. */
  function fold(string) {
    const plain = (c) => LIKE[c] || (c.normalize("NFD")[0].toLowerCase()[0] ?? c);
    return string.replace(/[^ -@[-~]/g, plain);
  }

  /** Each paragraph: its text nodes, where each begins, and the folded whole. */
  function readBlocks() {
    const left = `${NOT_TEXT}, .others`;
    const hidden = root.classList.contains("only-spoken") ? `${left}, .unspoken, .unread` : left;
    const blocks = [];
    for (const block of essay.querySelectorAll("h1, h2, h3, h4, h5, h6, p, pre, figcaption")) {
      if (block.closest(hidden)) continue;
      const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
      const nodes = [];
      const starts = [];
      let whole = "";
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        if (node.parentElement.closest(hidden)) continue;
        nodes.push(node);
        starts.push(whole.length);
        whole += node.data;
      }
      blocks.push({ element: block, index: blocks.length, nodes, starts, folded: fold(whole) });
    }
    return blocks;
  }

  function rangeOf({ block, start, end }) {
    const range = document.createRange();
    const node = (at) => block.starts.findLastIndex((from) => from <= at);
    const [first, last] = [node(start), node(end - 1)];
    range.setStart(block.nodes[first], start - block.starts[first]);
    range.setEnd(block.nodes[last], end - block.starts[last]);
    return range;
  }

  function find(words) {
    state.blocks ??= readBlocks();
    const wanted = fold(words).trim().replace(/ +/g, " ");
    const hits = [];
    if (!wanted) return hits;
    for (const block of state.blocks) {
      for (let at = block.folded.indexOf(wanted); at >= 0; at = block.folded.indexOf(wanted, at + wanted.length)) {
        hits.push({ block, start: at, end: at + wanted.length });
      }
    }
    return hits;
  }

  function update() {
    state.hits = find(field.value);
    paint("inkcast-found", state.hits.length <= SHOWN ? state.hits.map(rangeOf) : []);
    // From what was on the screen when the search began, not from the top, and not from where the last
    // letter has led to.
    state.from ??= state.blocks.findIndex(({ element }) => element.getBoundingClientRect().bottom > 0);
    go(Math.max(0, state.hits.findIndex(({ block }) => block.index >= state.from)));
  }

  function step(by) {
    go(state.at + by);
    state.from = state.hits[state.at]?.block.index;
  }

  function go(to) {
    const n = state.hits.length;
    state.at = n ? (to + n) % n : -1;
    count.textContent = n ? `${state.at + 1} of ${n}` : field.value.trim() ? "Not found" : "";
    const range = n ? rangeOf(state.hits[state.at]) : undefined;
    paint("inkcast-found-now", range ? [range] : []);
    if (!range) return;
    const box = range.getBoundingClientRect();
    if (box.top > 90 && box.bottom < innerHeight - 130) return;
    if (player.following && !player.audio.paused) player.setFollowing(false);
    // Twice: paragraphs that were never shown have only a guessed height until then.
    range.startContainer.parentElement.scrollIntoView({ block: "center" });
    scrollBy({ top: range.getBoundingClientRect().top - innerHeight * 0.4 });
  }

  function open() {
    bar.showPopover();
    opener.setAttribute("aria-expanded", "true");
    const chosen = getSelection().toString().trim();
    if (chosen && chosen.length < 80) field.value = chosen;
    field.focus();
    field.select();
    state.from = undefined;
    update();
  }

  /** Leave the search; whoever came by keyboard goes on at the place that was found. */
  function close() {
    if (!bar.matches(":popover-open")) return;
    const range = state.at >= 0 ? rangeOf(state.hits[state.at]) : undefined;
    bar.hidePopover();
    opener.setAttribute("aria-expanded", "false");
    for (const name of ["inkcast-found", "inkcast-found-now"]) paint(name, []);
    const word = range && text.wordsIn(range)[0];
    if (word) focus.move(word);
    else opener.focus();
  }

  opener.addEventListener("click", () => (bar.matches(":popover-open") ? close() : open()));
  field.addEventListener("input", update);
  bar.addEventListener("submit", (event) => {
    event.preventDefault();
    step(1);
  });
  bar.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.shiftKey) step(-1);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  bar.querySelector(".previous").addEventListener("click", () => step(-1));
  bar.querySelector(".close").addEventListener("click", close);

  /** Show where the words are that the site's search has found; `query` as that reads it. */
  function mark(query) {
    const said = query.replace(/speaker:\s*("[^"]*"?\*?|[^\s"]+)?/gi, " ");
    const wanted = [...said.matchAll(/"([^"]*)"|([^\s"]+)/g)].map(([, phrase, word]) => phrase ?? word);
    const ends = (c) => !c || !/[\p{L}\p{M}\p{N}]/u.test(c);
    const hits = wanted.flatMap((words) => {
      const isStart = words.endsWith("*");
      const found = find(words.replace(/\*+$/, "")).filter(({ block, start }) => ends(block.folded[start - 1]));
      for (const hit of isStart ? found : []) while (!ends(hit.block.folded[hit.end])) hit.end++;
      return found.filter(({ block, end }) => ends(block.folded[end]));
    });
    paint("inkcast-found", hits.length <= SHOWN ? hits.map(rangeOf) : []);
  }

  return {
    open,
    mark,
    /** What can be found has changed. */
    forget() {
      state.blocks = undefined;
      if (bar.matches(":popover-open")) update();
    },
  };
}
