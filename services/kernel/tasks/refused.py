"""Why something about a task is refused: the problem types of this folder's problems.toml."""

from pathlib import Path
from typing import Final

from services.kernel.problem import Problem, read_kinds

_KINDS: Final = read_kinds(Path(__file__).parent)


def refused(slug: str) -> Problem:
    """The problem with its words."""
    kind = _KINDS[slug]
    return Problem(slug, kind.status, kind.zh, kind.en, kind.retryable)
