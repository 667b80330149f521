"use strict";
// Links within a site name index.html, so that it can be opened as files, too. Where the page is at home on
// the web, people see, and copy, its address without.
addEventListener("DOMContentLoaded", () => {
  const home = document.querySelector("link[rel=canonical]")?.href;
  if (!home || location.href.split("#")[0] !== `${home}index.html`) return;
  history.replaceState(null, "", home + location.hash);
});
