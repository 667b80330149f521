"""Cues, and the formats that show them."""
