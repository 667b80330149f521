"""Windows of a recording, and what is heard in them without an essay."""
