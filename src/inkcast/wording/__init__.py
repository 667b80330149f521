"""How written words may be said, and which words of two texts belong together."""
