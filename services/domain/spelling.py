"""Identifiers as people type, paste and dictate them."""

import re
import unicodedata
from typing import Final

_SEPARATORS: Final = re.compile(r"[\s\-‐‑‒–—―−_.·()/]")


def compact(text: str) -> str:
    """`text` without separators, full-width signs made ordinary, in capitals.

    Invisible signs go too: numbers pasted from a telephone's contacts carry direction marks.
    """
    plain = unicodedata.normalize("NFKC", text)
    visible = "".join(sign for sign in plain if unicodedata.category(sign) != "Cf")
    return _SEPARATORS.sub("", visible).upper()


def miscounted(zh: str, en: str, unit: str, expected: int, count: int) -> tuple[str, str]:
    """Sentences (zh, en) that say how many signs are missing or too many. `unit`: the English singular."""
    off = abs(expected - count)
    noun = unit if off == 1 else f"{unit}s"
    if count < expected:
        return (
            f"{zh}应为 {expected} 位，少了 {off} 位。",
            f"{en} has {expected} {unit}s: {off} {noun} missing.",
        )
    return f"{zh}应为 {expected} 位，多了 {off} 位。", f"{en} has {expected} {unit}s: {off} {noun} too many."
