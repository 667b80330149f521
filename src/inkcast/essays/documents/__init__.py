"""Essays from EPUB, PDF, Word and Markdown files."""
