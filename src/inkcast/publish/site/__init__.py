"""A whole library as a static site: pages, lists, search and feeds, all plain files."""
