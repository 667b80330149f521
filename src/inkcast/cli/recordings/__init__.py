"""Commands on one recording."""
