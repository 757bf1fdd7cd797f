"""Texts that say nearly the same: the same call written down twice, a round-robin complaint sent by many.

Two texts are as similar as the share of character trigrams that they have in common (Jaccard). To find the
similar ones among many without comparing all, each text has a few bands: two texts share a band the more
likely the more similar they are (MinHash with one permutation, Li, Owen and Zhang 2012). Bands only propose;
`similarity` decides.
"""

import re
import unicodedata
import zlib
from collections.abc import Callable, Mapping
from typing import Final

OPENING: Final = 2000  # characters that are compared; what follows changes nothing
FEWEST: Final = 20  # trigrams that a text must have to be compared at all
BANDS: Final = 8
ROWS: Final = 3
_BINS: Final = BANDS * ROWS
_SIGNS: Final = re.compile(r"[\W_]+")
_ODD: Final = 0x9E3779B97F4A7C15  # spreads a checksum over 64 bits
_MASK: Final = (1 << 64) - 1

Grams = frozenset[str]


def grams(text: str, simplified: Mapping[int, str]) -> Grams:
    """The trigrams of a text without spaces and signs, in simplified characters; empty for a short one."""
    whole = unicodedata.normalize("NFKC", text[:OPENING]).casefold().translate(simplified)
    plain = _SIGNS.sub("", whole)
    found = frozenset(plain[at : at + 3] for at in range(len(plain) - 2))
    return found if len(found) >= FEWEST else frozenset()


def similarity(one: Grams, other: Grams) -> float:
    """From 0 (nothing in common) to 1 (the same)."""
    if not one or not other:
        return 0.0
    common = len(one & other)
    return common / (len(one) + len(other) - common)


def bands(of: Grams, keyed: Callable[[str], str]) -> tuple[int, ...]:
    """Eight numbers of 63 bits; none for a text too short.

    `keyed`: a keyed hash in hexadecimal, so that nobody finds out words by trying them.
    """
    if not of:
        return ()
    sums = map(zlib.crc32, "\n".join(of).encode("utf-8", "surrogatepass").split(b"\n"))
    mixed = sorted([(one * _ODD) & _MASK for one in sums], reverse=True)
    least = {one % _BINS: one >> 8 for one in mixed}  # the smallest comes last and stays
    filled = [_filled(least, place) for place in range(_BINS)]
    parts = (filled[at : at + ROWS] for at in range(0, _BINS, ROWS))
    return tuple(int(keyed(f"band {n} {part}")[:16], 16) >> 1 for n, part in enumerate(parts))


def _filled(least: Mapping[int, int], place: int) -> tuple[int, int]:
    """The value of a place; an empty one borrows from the next that has any, and says how far that was."""
    far = 0
    while (place + far) % _BINS not in least:
        far += 1
    return far, least[(place + far) % _BINS]
