"""Chapters, tags, books and other forms."""
