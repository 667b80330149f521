"""Feed bytes to episodes."""
