"""Transcript and essay to the time of every word."""
