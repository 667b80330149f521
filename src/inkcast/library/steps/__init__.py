"""One episode, from feed to page."""
