"""The command line."""


def main() -> None:
    """Run ``inkcast``; what it needs is imported only now."""
    import gc

    # What is imported stays: to look through it for garbage as often as Python does takes 6 % of a short run.
    gc.set_threshold(50_000)

    from inkcast.cli.app import inkcast

    inkcast(prog_name="inkcast")
