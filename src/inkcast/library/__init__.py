"""Many episodes to a finished folder."""
