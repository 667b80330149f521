/** Colour ranges without touching the document (CSS Custom Highlight API); older browsers do without. */
function paint(name, ranges) {
  if (!globalThis.Highlight || !CSS.highlights) return;
  if (!ranges.length) {
    CSS.highlights.delete(name);
    return;
  }
  const highlight = new Highlight();
  for (const range of ranges) highlight.add(range);
  CSS.highlights.set(name, highlight);
}

/** Tint words behind their text, over the whole height of their lines: what colours text alone leaves
 *  stripes of paper between the lines. Each block carries its own part, so that it moves with the text. */
function makeTint(name) {
  const property = `--tint-${name}`;
  let tinted = [];

  /** The lines of some words of one block: whole pixels from its corner, each line ending where the next
   *  begins. Only reads the layout. */
  function linesOf(block, range) {
    const box = block.getBoundingClientRect();
    const height = parseFloat(getComputedStyle(block).lineHeight) || box.height;
    const lines = [];
    for (const rect of range.getClientRects()) {
      if (!rect.width) continue;
      const middle = (rect.top + rect.bottom) / 2;
      const line = lines.find((each) => Math.abs(each.middle - middle) < height / 2);
      if (!line) lines.push({ middle, tall: rect.height, left: rect.left, right: rect.right });
      else {
        line.left = Math.min(line.left, rect.left);
        line.right = Math.max(line.right, rect.right);
        // A raised figure is not in the middle of its line.
        if (rect.height > line.tall) Object.assign(line, { middle, tall: rect.height });
      }
    }
    const edge = (y) => Math.round(y - box.top);
    return lines.map(({ middle, left, right }) => ({
      left: Math.floor(left - box.left) - 2,
      right: Math.ceil(right - box.left) + 2,
      top: edge(middle - height / 2),
      bottom: edge(middle + height / 2),
    }));
  }

  function plan(ranges) {
    return ranges.map(([block, range]) => [block, linesOf(block, range)]);
  }

  function apply(planned) {
    const blocks = planned.map(([block]) => block);
    for (const block of tinted) if (!blocks.includes(block)) block.style.removeProperty(property);
    for (const [block, lines] of planned) {
      const layers = lines.map(({ left, right, top, bottom }) =>
        `linear-gradient(var(--${name}) 0 0) ${left}px ${top}px / ${right - left}px ${bottom - top}px no-repeat`);
      block.style.setProperty(property, layers.join(", ") || "none");
    }
    tinted = blocks;
  }

  return { plan, apply };
}

/** Paragraphs away from the screen are not laid out, and their height is a guess until they have been shown
 *  once. All are shown once, some at a time, so that the page does not change its height under the reader. */
function makeHeights(essay) {
  const AT_A_TIME = 30;
  const blocks = [...essay.querySelectorAll("p")];
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const idle = () => new Promise((done) => (globalThis.requestIdleCallback || setTimeout)(done));
  const show = (some, on) => { for (const block of some) block.classList.toggle("shown-once", on); };
  let turn = 0;
  let settled = false;

  async function settle() {
    const mine = ++turn;
    settled = false;
    for (let first = 0; first < blocks.length; first += AT_A_TIME) {
      await idle();
      if (mine !== turn) return;
      const some = blocks.slice(first, first + AT_A_TIME);
      show(some, true);
      await frame();
      show(some, false);
    }
    settled = true;
  }

  let width = essay.clientWidth;
  let timer = 0;
  addEventListener("resize", () => {
    if (essay.clientWidth === width) return;
    width = essay.clientWidth;
    clearTimeout(timer);
    timer = setTimeout(settle, 300);
  });
  settle();

  return {
    settle,
    get settled() { return settled; },
    /** Lay out at once what stands before an element, so that its place on the page is no guess. */
    settleBefore(element) {
      const before = blocks.filter((block) =>
        block.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING);
      show(before, true);
      frame().then(() => show(before, false));
    },
  };
}
