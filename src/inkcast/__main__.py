"""``python -m inkcast``."""

from inkcast.cli import main

main()
