"use strict";
// What stands after the #, a moment say, moves along.
addEventListener("DOMContentLoaded", () => {
  location.replace(document.querySelector("main a").href + location.hash);
});
