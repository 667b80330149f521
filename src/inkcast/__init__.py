"""Inkcast: from a podcast episode and its essay to an essay you can click to hear."""

__version__ = "0.1.0"
