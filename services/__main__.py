"""`yikou` and `python -m services` are the command line."""

import gc
import sys


def main() -> None:
    """Load what the command needs, then run it."""
    gc.disable()  # what is loaded is never garbage: to look for it again and again is a fifth of a start
    if sys.argv[1:2] == ["serve"] and not any(word.startswith("-") for word in sys.argv[2:]):
        _serve(sys.argv[2:])
        return
    from services.cli import main as command

    gc.freeze()
    gc.enable()
    command()


def _serve(names: list[str]) -> None:
    """As the command line would, without loading all its other commands: 10 MB and 0.2 s of each process."""
    from services.commands.plainly import plainly
    from services.commands.serve import serve
    from services.kernel.settings import Settings

    plainly(lambda: serve(names or ["all"], Settings.read()))


if __name__ == "__main__":
    main()
