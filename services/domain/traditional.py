"""Traditional characters (繁体字) as simplified ones, each by itself: enough to find words in a text.

`tables/traditional.txt` is made by tools/suggestion/traditional.py from OpenCC (Apache-2.0).
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).parent / "tables/traditional.txt"


@cache
def to_simplified() -> Mapping[int, str]:
    """For str.translate. Read once per process."""
    return {ord(pair[0]): pair[1] for pair in FILE.read_text("utf-8").split()}
