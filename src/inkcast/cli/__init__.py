"""The command line."""


def main() -> None:
    """Run ``inkcast``; what it needs is imported only now."""
    from inkcast.cli.app import inkcast

    inkcast(prog_name="inkcast")
