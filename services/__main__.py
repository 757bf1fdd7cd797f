"""`yikou` and `python -m services` are the command line."""

import gc


def main() -> None:
    """Load everything, then run the command."""
    gc.disable()  # what is loaded is never garbage: to look for it again and again is a fifth of a start
    from services.cli import main as command

    gc.freeze()
    gc.enable()
    command()


if __name__ == "__main__":
    main()
