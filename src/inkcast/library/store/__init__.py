"""The catalogue and what lies beside it: everything that a library remembers."""
