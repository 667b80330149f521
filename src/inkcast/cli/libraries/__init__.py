"""Commands on a library."""
