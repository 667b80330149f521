"""Corrections made in a browser: the reader page in edit mode, from a server on this machine."""
