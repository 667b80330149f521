/** The words of the page, in the order of the text and in the order of time. */
function readText(essay) {
  const LINGER_MS = 250; // A word stays lit over a short pause, so that reading does not flicker.
  const words = [];
  const wordOf = new Map();
  const sentences = [];
  let word;
  let parent;
  let block;
  for (const span of essay.querySelectorAll("span[data-m]")) {
    const start = Number(span.getAttribute("data-m"));
    const end = start + Number(span.getAttribute("data-d"));
    if (span.parentNode !== parent) {
      parent = span.parentNode;
      block = parent.closest("p, h1, h2, h3, h4, h5, h6, figcaption, pre");
    }
    // A word that a link or emphasis cuts in two has several spans with the same time.
    if (word && word.block === block && word.start === start && word.end === end) {
      word.spans.push(span);
    } else {
      const begins = !word || word.block !== block || span.hasAttribute("data-s");
      if (begins) sentences.push({ index: sentences.length, first: words.length, last: words.length });
      const sentence = sentences[sentences.length - 1];
      sentence.last = words.length;
      word = { start, end, spans: [span], index: words.length, block, sentence };
      words.push(word);
    }
    wordOf.set(span, word);
  }
  const byTime = [...words].sort((a, b) => a.start - b.start);

  /** How many of `count` items, sorted for it, `isBefore` holds for. */
  function bisect(count, isBefore) {
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isBefore(middle)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  const started = (ms) => bisect(byTime.length, (i) => byTime[i].start <= ms);

  /** Whether the word is on the page: what others say can be left out. */
  const isShown = (word) => !word.block.closest(".others");

  return {
    words,
    sentences,
    wordOf: (element) => wordOf.get(element),
    isShown,

    /** The first word from `ms` on that is on the page. */
    shownFrom: (ms) => byTime.find((word) => word.start >= ms && isShown(word)),

    /** The word on the page `step` after one, or before. */
    shownAfter(word, step) {
      let { index } = word;
      do index += step; while (words[index] && !isShown(words[index]));
      return words[index];
    },

    /** The word that is heard at `ms` (undefined in a pause), and when that changes. */
    at(ms) {
      const n = started(ms);
      const last = byTime[n - 1];
      const next = n < byTime.length ? byTime[n].start : Infinity;
      const lit = last && ms < last.end + LINGER_MS;
      return { word: lit ? last : undefined, until: lit ? Math.min(next, last.end + LINGER_MS) : next };
    },

    /** The word at `ms`, or the first after it. */
    wordFrom(ms) {
      const n = started(ms + 0.5);
      const last = byTime[n - 1];
      return last && ms < last.end ? last : byTime[n] || last;
    },

    /** The words that `range` covers, if only in part. */
    wordsIn(range) {
      const end = (i) => words[i].spans[words[i].spans.length - 1];
      const first = bisect(words.length, (i) => range.comparePoint(end(i), end(i).childNodes.length) < 0);
      const after = bisect(words.length, (i) => range.comparePoint(words[i].spans[0], 0) <= 0);
      return words.slice(first, after);
    },

    /** Words that are heard between two times. */
    wordsBetween: (start, end) => words.filter((each) => each.start < end && each.end > start),

    /** The part of each block that stands between two words, with the block. */
    rangesOf(first, last) {
      const ranges = [];
      for (let from = first.index; from <= last.index;) {
        let to = from;
        while (to < last.index && words[to + 1].block === words[from].block) to++;
        ranges.push([words[from].block, this.rangeOf(words[from], words[to])]);
        from = to + 1;
      }
      return ranges;
    },

    rangeOf(first, last) {
      const range = document.createRange();
      range.setStartBefore(first.spans[0]);
      range.setEndAfter(last.spans[last.spans.length - 1]);
      return range;
    },
  };
}

/** 3723 → "1:02:03" */
function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (number) => String(number).padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
