"""Essays from web pages."""
