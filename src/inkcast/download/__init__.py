"""Addresses to files."""
