"""Lines on stdin, whatever is in them: one answer for each, in order, as soon as it is read."""

import sys
from collections.abc import Callable, Iterator
from typing import BinaryIO


def lines(stream: BinaryIO, most: int) -> Iterator[bytes | None]:
    """Each line with its end; None for one of more than `most` bytes, whose rest is passed over."""
    while line := stream.readline(most):
        whole = line.endswith(b"\n") or len(line) < most
        while not whole:
            rest = stream.readline(most)
            whole = rest.endswith(b"\n") or len(rest) < most
        yield line if len(line) < most else None


def answer_all(hint: str, answers: Callable[[BinaryIO], Iterator[str]]) -> None:
    """Print an answer for each line on stdin; `hint` is for somebody who types them."""
    if sys.stdin.isatty():
        sys.stderr.write(hint + "\n")
    for line in answers(sys.stdin.buffer):
        sys.stdout.buffer.write(line.encode() + b"\n")
        sys.stdout.buffer.flush()
