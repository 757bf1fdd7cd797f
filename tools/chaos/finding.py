"""What a check found."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Broken:
    """A sentence about what does not hold, and the case it is about ("" where it is about no one case)."""

    what: str
    case: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """`figures`: how much was looked at. `skipped`: why it could not be looked at here."""

    figures: str
    broken: list[Broken] = field(default_factory=list)
    skipped: str = ""
