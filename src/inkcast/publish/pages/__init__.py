"""Pages that people open: reader, report, card."""
