/** Colours, size of the text, whether text that is not read aloud is shown, and when to stop. */
function makeSettings(reader) {
  for (const name of ["theme", "size"]) {
    for (const choice of document.querySelectorAll(`input[name=${name}]`)) {
      choice.checked = choice.value === root.dataset[name];
      choice.addEventListener("change", () => {
        root.dataset[name] = choice.value;
        memory.set(name, choice.value);
        if (name === "size") reader.heights.settle();
      });
    }
  }
  const show = document.querySelector(".show-unspoken");
  show.checked = memory.get("unspoken") !== "hidden";
  const apply = () => {
    root.classList.toggle("only-spoken", !show.checked);
    memory.set("unspoken", show.checked ? "" : "hidden");
    reader.search.forget();
  };
  show.addEventListener("change", apply);
  apply();
  makeSleepTimer(reader.player);
}

/** Stop after some minutes, or where the chapter ends. */
function makeSleepTimer({ audio, bar }) {
  const choice = document.querySelector(".sleep");
  const button = document.querySelector(".open-settings");
  const stop = { at: Infinity, ms: Infinity }; // by the clock on the wall, by the recording's
  choice.querySelector("[value=chapter]").hidden = bar.chapters.length < 2;

  function set() {
    const minutes = Number(choice.value);
    const next = bar.chapters.find(({ start }) => start > audio.currentTime * 1000);
    stop.at = minutes ? Date.now() + minutes * 60_000 : Infinity;
    stop.ms = choice.value === "chapter" && next ? next.start : Infinity;
    button.classList.toggle("sleeps", Boolean(choice.value));
    if (minutes) say(`Stops in ${minutes} minutes`);
    else if (choice.value) say("Stops at the end of this part");
  }
  choice.addEventListener("change", set);
  audio.addEventListener("timeupdate", () => {
    if (audio.paused || (Date.now() < stop.at && audio.currentTime * 1000 < stop.ms)) return;
    audio.pause();
    choice.value = "";
    set();
  });
}
