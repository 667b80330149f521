"use strict";
/* Full-text search over shards of the index, which are scripts so that it also works without a server. */
(() => {
  const PER_PAGE = 10;
  const PASSAGES = 3;
  const [WINDOW, BEFORE, AFTER] = [24, 6, 24];
  const BREAK = "…";

  /* Shards. */
  const loading = new Map();
  const arrived = new Map();
  window.inkcastShard = (name, data) => arrived.set(name, data);

  function load(name, file, version) {
    if (!loading.has(name)) {
      loading.set(name, new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = file.split("/").map(encodeURIComponent).join("/") + (version ? `?${version}` : "");
        script.onload = () => {
          script.remove();
          if (arrived.has(name)) resolve(arrived.get(name));
          else script.onerror();
        };
        script.onerror = () => {
          loading.delete(name);
          reject(new Error(`${file} could not be loaded`));
        };
        document.head.append(script);
      }));
    }
    return loading.get(name);
  }
  const loadListed = ([name, version]) => load(name, `search/${name}.js`, version);
  const own = (object, key) => (Object.hasOwn(object, key) ? object[key] : undefined);

  /* Terms and queries: the same as terms.py and query.py. */
  const ACCENTS = /[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670]/g;
  const LETTERS = { "ß": "ss", "ς": "σ", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i" };
  const UNSPACED = /[\u2e80-\u2fdf\u3005-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff\u{20000}-\u{3ffff}][\u3099\u309a]?/gu;

  const LONGEST_TERM = 64;
  const LONGEST_SHOWN = 80;

  function termsOf(text) {
    return text.normalize("NFKD").toLowerCase().replace(ACCENTS, "")
      .replace(/[ßςæœøłđðþı]/g, (letter) => LETTERS[letter])
      .replace(/[^\p{L}\p{M}\p{N}]+/gu, " ").replace(UNSPACED, " $& ").split(" ").filter(Boolean)
      .map((term) => (term.length <= LONGEST_TERM ? term
        : [...term.slice(0, 2 * LONGEST_TERM)].slice(0, LONGEST_TERM).join("")));
  }

  function parse(query) {
    const [phrases, speakers] = [[], []];
    const parts = query.replace(/[“”„«»]/g, '"')
      .matchAll(/speaker:\s*$|(speaker:\s*)?(?:"([^"]*)("?\*?)|([^\s"]+))/gi);
    for (const [, asked, quoted, closing, bare] of parts) {
      const terms = termsOf(bare ?? quoted ?? "");
      const prefix = (bare ?? closing ?? "").endsWith("*");
      if (terms.length) (asked ? speakers : phrases).push({ terms, prefix });
    }
    return { phrases, speakers };
  }
  window.inkcastParse = parse; // for tests

  /* The index: which episodes have all terms, and how much these say about each. */
  function shardsOf(index, term, prefix) {
    const starts = Object.keys(index.terms);
    const fitting = starts.filter((start) => term.startsWith(start)).sort((a, b) => b.length - a.length).slice(0, 1);
    if (prefix) fitting.push(...starts.filter((start) => start.startsWith(term) && start !== term));
    return fitting.map((start) => loadListed(index.terms[start]));
  }

  async function weigh(index, term, prefix) {
    const weights = new Map();
    for (const shard of await Promise.all(shardsOf(index, term, prefix))) {
      const terms = prefix ? Object.keys(shard).filter((each) => each.startsWith(term)) : [term];
      for (const postings of terms.map((each) => own(shard, each) ?? [])) {
        for (let place = 0, number = 0; place < postings.length; place += 2) {
          number += postings[place];
          weights.set(number, Math.max(weights.get(number) ?? 0, postings[place + 1]));
        }
      }
    }
    const rarity = Math.log(1 + (index.count - weights.size + 0.5) / (weights.size + 0.5));
    return new Map([...weights].map(([number, weight]) => [number, weight * rarity]));
  }

  /** The episodes in which somebody of such a name speaks. */
  async function spokenBy(index, speakers) {
    const found = new Map();
    for (const { terms, prefix } of speakers) {
      const [first, ...others] = await Promise.all(terms.map((term, place) =>
        weigh(index, `@${term}`, prefix && place === terms.length - 1)));
      for (const number of first.keys()) if (others.every((each) => each.has(number))) found.set(number, 0);
    }
    return found;
  }

  async function rank(index, { phrases, speakers }) {
    let scores = speakers.length ? await spokenBy(index, speakers) : null;
    for (const { terms, prefix } of phrases) {
      for (const [place, term] of terms.entries()) {
        const weights = await weigh(index, term, prefix && place === terms.length - 1);
        const before = scores ?? weights;
        scores = new Map([...before].filter(([number]) => weights.has(number))
          .map(([number, score]) => [number, weights.get(number) + (scores ? score : 0)]));
      }
    }
    return [...(scores ?? [])].sort((a, b) => b[1] - a[1] || b[0] - a[0]).map(([number]) => number);
  }

  /* Episodes: their passages. */
  async function loadEpisode(index, number) {
    const group = await loadListed(index.episodes[Math.floor(number / index.group)]);
    const [path, version] = group[number];
    return { path, ...await load(path, `${path}/search.js`, version) };
  }

  function tokensOf(words) {
    return words.flatMap((word, at) => word === BREAK ? [["", at]] : termsOf(word).map((term) => [term, at]));
  }

  function occurrences(tokens, phrases) {
    const found = [];
    for (const [phrase, { terms, prefix }] of phrases.entries()) {
      for (let place = 0; place + terms.length <= tokens.length; place++) {
        const fits = terms.every((term, offset) => {
          const token = tokens[place + offset][0];
          return prefix && offset === terms.length - 1 ? token.startsWith(term) : token === term;
        });
        if (fits) found.push({ phrase, first: tokens[place][1], last: tokens[place + terms.length - 1][1] });
      }
    }
    return found.sort((a, b) => a.first - b.first || a.last - b.last || a.phrase - b.phrase);
  }

  function passagesOf(found, length) {
    const windows = found.map(({ first }, from) => {
      let to = from;
      while (to < found.length && found[to].first < first + WINDOW) to++;
      return { from, to, distinct: new Set(found.slice(from, to).map(({ phrase }) => phrase)).size };
    });
    const chosen = [];
    for (const window of windows.sort((a, b) => b.distinct - a.distinct || a.from - b.from)) {
      if (chosen.length === PASSAGES) break;
      if (chosen.every(({ from, to }) => window.to <= from || window.from >= to)) chosen.push(window);
    }
    return chosen.sort((a, b) => a.from - b.from).map(({ from, to }) => {
      const spans = found.slice(from, to);
      const hits = new Set();
      for (const { first, last } of spans) for (let word = first; word <= last; word++) hits.add(word);
      const past = Math.max(...spans.map(({ last }) => last)) + 1;
      return {
        start: Math.max(0, spans[0].first - BEFORE),
        end: Math.min(length, Math.max(spans[0].first + AFTER, past)),
        at: spans[0].first,
        hits,
      };
    });
  }

  /** Of each word, whether one of those who were asked for says it. */
  function askedFor(names, speakers) {
    const known = new Map([...new Set(names)].map((name) =>
      [name, occurrences(tokensOf([name]), speakers).length > 0]));
    return names.map((name) => known.get(name));
  }

  /** What an episode has to show; null if a phrase's words do not stand together in it, or others say them. */
  function answer(episode, { phrases, speakers }) {
    const words = episode.words ? episode.words.split(" ") : [];
    const names = (episode.turns ?? []).flatMap(([name, count]) => Array(count).fill(name));
    let found = occurrences(tokensOf(words), phrases);
    const asked = speakers.length ? askedFor(names, speakers) : undefined;
    if (asked && !phrases.length) {
      const starts = [...words.keys()].filter((at) => asked[at] && !asked[at - 1]).slice(0, PASSAGES);
      const passages = starts.map((at) => {
        let end = at + 1;
        while (asked[end] && end < at + AFTER) end++;
        return { start: at, end, at, hits: new Set() };
      });
      return passages.length ? { words, names, passages } : null;
    }
    if (asked) found = found.filter(({ first, last }) => asked[first] && asked[last]);
    const titled = asked ? [] : occurrences(tokensOf(episode.title.split(/\s+/)), phrases);
    const all = new Set([...found, ...titled].map(({ phrase }) => phrase));
    return all.size === phrases.length ? { words, names, passages: passagesOf(found, words.length) } : null;
  }

  /* The page. Texts go in as text, never as HTML. */
  function element(name, properties, ...children) {
    const node = Object.assign(document.createElement(name), properties);
    node.append(...children);
    return node;
  }
  const addressOf = (path) => `${path.split("/").map(encodeURIComponent).join("/")}/index.html`;

  function clock(seconds) {
    const pad = (number) => String(number).padStart(2, "0");
    const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
    return h ? `${h}:${pad(m)}:${pad(s)}` : `${m}:${pad(s)}`;
  }

  const day = (date) => new Date(date).toLocaleDateString("en-GB", { dateStyle: "long", timeZone: "UTC" });

  const cut = (text) => (text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text);

  /** Words with those searched for marked, and the name of whoever begins to speak. */
  function renderPassage(episode, { words, names }, { start, end, at, hits }) {
    const text = element("span", { className: "passage", dir: "auto" });
    if (start > 0) text.append("… ");
    for (let word = start; word < end; word++) {
      const shown = cut(words[word]);
      if (names[word] && (word === start || names[word] !== names[word - 1])) {
        text.append(element("b", { className: "who" }, element("bdi", {}, cut(names[word])), ":"), " ");
      }
      text.append(hits.has(word) ? element("mark", {}, shown) : shown, word + 1 < end ? " " : "");
    }
    if (end < words.length) text.append(" …");
    const tenths = episode.times[at];
    if (tenths === null) return element("li", {}, element("small", {}, "not read aloud"), " ", text);
    const query = new URLSearchParams({ q: document.querySelector("#query").value });
    const href = `${addressOf(episode.path)}#t=${Math.floor(tenths / 10)}&${query}`;
    return element("li", {}, element("a", { href }, element("small", {}, clock(tenths / 10)), " ", text));
  }

  function render(episode, found) {
    const link = element("a", { href: addressOf(episode.path) }, episode.title || "Untitled");
    const facts = element("p", { className: "facts" }, element("bdi", {}, episode.show));
    if (episode.published) facts.append(" · ", element("time", { dateTime: episode.published }, day(episode.published)));
    const list = element("ul", { className: "passages" }, ...found.passages.map((each) => renderPassage(episode, found, each)));
    return element("li", {}, element("h2", { dir: "auto" }, link), facts, ...(found.passages.length ? [list] : []));
  }

  function start() {
    const [form, input, status, results, more] =
      ["form", "#query", ".status", ".results", ".more"].map((each) => document.querySelector(each));
    let current = 0;
    let proceed = () => {};

    async function show(query) {
      const mine = ++current;
      const asked = parse(query);
      const clear = () => { results.replaceChildren(); more.hidden = true; };
      if (!asked.phrases.length && !asked.speakers.length) { clear(); status.textContent = ""; return; }
      try {
        const index = await load("index", "search/index.js");
        const numbers = await rank(index, asked);
        if (mine !== current) return;
        const exact = !asked.speakers.length && asked.phrases.every(({ terms }) => terms.length === 1);
        let [place, shown] = [0, 0];
        proceed = async () => {
          const items = [];
          while (place < numbers.length && items.length < PER_PAGE) {
            const some = numbers.slice(place, place += PER_PAGE);
            const episodes = await Promise.all(some.map((number) => loadEpisode(index, number)));
            if (mine !== current) return;
            for (const episode of episodes) {
              const found = answer(episode, asked);
              if (found) items.push(render(episode, found));
            }
          }
          if (!shown) clear();
          shown += items.length;
          results.append(...items);
          more.hidden = place >= numbers.length;
          const total = exact ? numbers.length : shown;
          status.textContent = !shown ? "Nothing was found."
            : `${total.toLocaleString("en")}${!exact && !more.hidden ? " or more" : ""} episode${total === 1 ? "" : "s"}`;
          if (items.length && shown > items.length) items[0].querySelector("a").focus();
        };
        await proceed();
      } catch (error) {
        if (mine !== current) return;
        clear();
        status.textContent = `Search failed: ${error.message}.`;
      }
    }

    const asked = () => new URLSearchParams(location.hash.slice(1) || location.search).get("q") ?? "";
    const follow = () => {
      input.value = asked();
      show(input.value);
    };
    let timer = 0;
    const submit = () => {
      clearTimeout(timer);
      const hash = `#${new URLSearchParams({ q: input.value })}`;
      if (location.hash !== hash) history.replaceState(null, "", hash);
      show(input.value);
    };
    form.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
    input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(submit, 200); });
    more.addEventListener("click", () => proceed());
    addEventListener("hashchange", follow);
    document.documentElement.classList.add("scripted");
    input.focus();
    follow();
  }
  addEventListener("DOMContentLoaded", start);
})();
