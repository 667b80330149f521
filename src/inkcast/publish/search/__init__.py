"""What counts as a hit in an episode."""
