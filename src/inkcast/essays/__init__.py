"""Pages and files to essays."""
