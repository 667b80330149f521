"""Alignments and transcripts to what people open."""
