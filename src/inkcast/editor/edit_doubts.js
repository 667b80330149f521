const AROUND_MS = 500; // what is heard on either side of a place
const LONGEST_MS = 6000; // of a long one, only the beginning

/** Doubtful places: underlined, and one after the other. */
function makeDoubts(essay, editor) {
  const { words, sound, server } = editor;
  const count = document.querySelector(".count");
  let doubts = [];

  const noteOf = (doubt) =>
    [...essay.querySelectorAll("aside.extra")].find((note) => Number(note.querySelector("span[data-m]").dataset.m) === doubt.start);

  server.onNew((state) => {
    doubts = state.doubts;
    for (const old of essay.querySelectorAll(".doubt")) old.classList.remove("doubt");
    for (const doubt of doubts) {
      doubt.at = doubt.first === null ? undefined : words.named(doubt.first).index;
      if (doubt.at === undefined) {
        doubt.note = noteOf(doubt);
        doubt.note?.classList.add("doubt");
        continue;
      }
      doubt.last = words.named(doubt.last).index;
      for (const word of words.all.slice(doubt.at, doubt.last + 1)) {
        for (const span of word.spans) span.classList.add("doubt");
      }
    }
    count.textContent = doubts.length === 1 ? "1 doubt" : `${doubts.length} doubts`;
  });

  const elementOf = (doubt) => (doubt.note ? doubt.note : words.all[doubt.at].spans[0]);

  function go(step) {
    const known = doubts.filter((doubt) => doubt.note || doubt.at !== undefined);
    if (!known.length) {
      tell("No doubtful place is left.");
      return;
    }
    const { chosen } = words;
    const here = chosen && (chosen.extra || words.all[step > 0 ? chosen.last : chosen.first].spans[0]);
    const isPast = (doubt) => {
      if (!here) return true;
      const order = here.compareDocumentPosition(elementOf(doubt));
      return Boolean(order & (step > 0 ? Node.DOCUMENT_POSITION_FOLLOWING : Node.DOCUMENT_POSITION_PRECEDING));
    };
    const past = known.filter(isPast);
    const inOrder = (list) => list.sort((a, b) =>
      (elementOf(a).compareDocumentPosition(elementOf(b)) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1) * step);
    const [doubt] = inOrder(past.length ? past : known);
    if (doubt.note) words.selectExtra(doubt.note);
    else words.select(doubt.at, doubt.last);
    const until = Math.min(doubt.end + AROUND_MS, doubt.start + LONGEST_MS);
    sound.play(doubt.start - AROUND_MS, until, { loop: true });
  }

  return {
    go,
    of: (index) => doubts.find((doubt) => doubt.at !== undefined && doubt.at <= index && index <= doubt.last),
  };
}

const DOUBTS = {
  unsure: "hardly heard",
  inferred: "time guessed from the words around it",
  "extra speech": "said besides",
  "not read": "not read",
  "said instead": "something else is said",
};
