"""Commands on a feed."""
