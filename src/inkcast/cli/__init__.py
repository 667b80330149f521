"""The command line."""


def main() -> None:
    """Run ``inkcast``; what it needs is imported only now."""
    import atexit
    import gc

    # What is imported stays: to look through it for garbage as often as Python does takes 6 % of a short run.
    gc.set_threshold(50_000)
    # Nor need Python look through it twice more as it ends: 0.3 s after an alignment.
    atexit.register(gc.freeze)

    from inkcast.cli.app import inkcast

    inkcast(prog_name="inkcast")
