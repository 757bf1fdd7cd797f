"""A copy of Nanjing's folder to make mistakes in."""

from pathlib import Path

NANJING = Path(__file__).parents[2] / "deploy/cities/nanjing"


def change(folder: Path, file: str, old: str, new: str) -> None:
    """Replace `old`, which must be there, where it first stands in the file."""
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")
