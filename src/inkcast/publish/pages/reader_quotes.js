// What stands among the text but is no part of it.
const NOT_TEXT = ".about, .time, .label, [role=doc-noteref], aside b";
const RAISED = Object.fromEntries([..."0123456789+-−=()n"].map((c, i) => [c, [..."⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ"][i]]));

/** Selected text: hear it, copy it as a quote with its time, share a link that plays just that. */
function makeQuotes(text, player, essay) {
  const bar = document.querySelector(".quote");
  const title = document.title;

  function selected() {
    const selection = getSelection();
    if (selection.isCollapsed || !selection.rangeCount) return undefined;
    const range = selection.getRangeAt(0);
    return range.intersectsNode(essay) && range.toString().trim() ? range : undefined;
  }

  /** From the first to the last moment of the words; undefined where none of them is read aloud. */
  function clipOf(range) {
    const words = text.wordsIn(range).filter((word) => !word.block.closest("aside"));
    const heard = words.length ? words : text.wordsIn(range);
    if (!heard.length) return undefined;
    return {
      start: Math.min(...heard.map((word) => word.start)),
      end: Math.max(...heard.map((word) => word.end)),
    };
  }

  function addressOf(clip) {
    const tenths = (ms, round) => round(ms / 100) / 10;
    const end = clip.end === undefined ? "" : `,${tenths(clip.end, Math.ceil)}`;
    return `${location.href.split("#")[0]}#t=${tenths(clip.start, Math.floor)}${end}`;
  }

  function textOf(range) {
    const part = document.createElement("div");
    part.append(range.cloneContents());
    for (const element of part.querySelectorAll(`${NOT_TEXT}, aside`)) element.remove();
    for (const raised of part.querySelectorAll("sup")) raised.textContent = asRaised(raised.textContent);
    // A selection that ends inside a note has nothing but the note.
    const own = part.textContent.trim() ? part.textContent : range.toString();
    // Controls that turn the direction of text around would go on turning what it is pasted into.
    return own.replace(/[\u202a-\u202e\u2066-\u2069]/g, "").replace(/\s*\n\s*/g, "\n").trim();
  }

  /** "10" and a raised "26" are not 1026 in plain text either. */
  function asRaised(string) {
    const raised = [...string].map((c) => RAISED[c]).join("");
    return raised.length === [...string].length ? raised : `^${string}`;
  }

  async function copy(words, message) {
    try {
      await navigator.clipboard.writeText(words);
    } catch {
      // Pages from plain http may not use the clipboard; the old way needs a selection of its own.
      const field = document.createElement("textarea");
      field.value = words;
      field.className = "off-screen";
      document.body.append(field);
      field.select();
      const done = document.execCommand("copy");
      field.remove();
      if (!done) message = "The browser did not allow copying.";
    }
    say(message);
  }

  function copyQuote() {
    const range = selected();
    if (!range) {
      say("Select some text first.");
      return;
    }
    const clip = clipOf(range);
    const [first] = text.wordsIn(range);
    const name = first && reader.voices?.nameAt(first.spans[0]);
    const source = [name, title, clip && clock(clip.start / 1000)].filter(Boolean).join(", ");
    const address = clip ? addressOf(clip) : location.href.split("#")[0];
    copy(`“${textOf(range)}”\n— ${source}\n${address}`, "Quote copied");
  }

  function copyLink() {
    const range = selected();
    const clip = range && clipOf(range);
    copy(addressOf(clip || { start: player.audio.currentTime * 1000 }), "Link copied");
  }

  /** Hand the clip on as the system does, on phones mostly. */
  function share() {
    const range = selected();
    const clip = clipOf(range);
    const url = clip ? addressOf(clip) : location.href.split("#")[0];
    navigator.share({ title, text: `“${textOf(range)}”`, url }).catch(() => {}); // closed, nothing chosen
  }

  function playClip() {
    const clip = clipOf(selected());
    player.seek(clip.start);
    player.setClip(clip);
    player.play();
  }

  // The toolbar ----------------------------------------------------------------------------------

  function show() {
    const range = selected();
    bar.togglePopover(Boolean(range));
    if (!range) return;
    document.querySelector(".quote-play").disabled = !clipOf(range);
    const [around, own] = [range.getBoundingClientRect(), bar.getBoundingClientRect()];
    const above = around.top - own.height - 10;
    const top = above > 8 ? above : Math.min(around.bottom + 10, innerHeight - 160);
    const left = (around.left + around.right - own.width) / 2;
    bar.style.setProperty("--top", `${top}px`);
    bar.style.setProperty("--left", `${Math.max(8, Math.min(left, innerWidth - own.width - 8))}px`);
  }

  let timer = 0;
  document.addEventListener("selectionchange", () => {
    clearTimeout(timer);
    timer = setTimeout(show, 120);
  });
  addEventListener("scroll", () => { if (bar.matches(":popover-open")) show(); }, { passive: true });
  // A press on the toolbar must not take the selection away.
  bar.addEventListener("mousedown", (event) => event.preventDefault());
  document.querySelector(".quote-play").addEventListener("click", playClip);
  document.querySelector(".quote-copy").addEventListener("click", copyQuote);
  document.querySelector(".quote-link").addEventListener("click", copyLink);
  document.querySelector(".quote-share").addEventListener("click", share);
  document.querySelector(".quote-share").hidden = !navigator.share;
  return { copyQuote, copyLink };
}
