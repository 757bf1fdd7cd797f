"""python -m tools.suggestion.train: the model of services/domain, from our own table and labelled letters.

Reads letters where they are and writes weights only (docs/suggestion.md says what may stand in them).
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from services.domain.city_files import CityError, read
from services.domain.entry import Problem
from services.domain.suggestion import FILE as WORDS_FILE
from services.domain.suggestion import Words
from services.domain.suggestion_model import FILE, SCALE, Model, Reader
from tools.suggestion.texts import LabelError, Labelled, letters, table
from tools.suggestion.training import ready, train

CITY = Path("deploy/cities/nanjing")


def main() -> None:
    given = arguments("train").parse_args()
    try:
        texts, words = labelled(given.letters, given.labels), words_of(given.city)
    except (LabelError, CityError) as error:
        sys.exit(str(error))
    model = train(ready(texts, words))
    FILE.write_text(written(model), encoding="utf-8")
    size = FILE.stat().st_size / 1e6
    print(f"{len(texts)} texts, {size:.1f} MB, certain from {model.certain}, likely from {model.likely}")


def arguments(command: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m tools.suggestion.{command}")
    parser.add_argument("--letters", type=Path, required=True, help="JSON lines with id, subject, body")
    parser.add_argument("--labels", type=Path, help="JSON lines with id, kind …; default: in the letters")
    parser.add_argument("--city", type=Path, default=CITY, help="whose words.toml (default: Nanjing's)")
    return parser


def labelled(texts: Path, labels: Path | None) -> list[Labelled]:
    return [*table(), *letters(texts, labels)]


def words_of(city: Path) -> Words:
    found: list[Problem] = []
    words = read(city / WORDS_FILE, Words, found)
    if words is None:
        raise CityError(city, found)
    return words


def written(model: Model) -> str:
    """The model as its file: one run a line, in order, so that a change can be read."""
    readers = {"runs": model.by_runs, "words": model.by_words}
    return _object(
        {
            "kinds": json.dumps(model.kinds),
            "likely": json.dumps(model.likely),
            "certain": json.dumps(model.certain),
            "trained_on": json.dumps(model.trained_on),
            "idf": "[" + ",\n".join(map(_idf, model.idf)) + "]",
            **{name: _reader(reader) for name, reader in readers.items()},
        }
    )


def _idf(section: Mapping[str, float]) -> str:
    return _lines({run: round(value * SCALE) for run, value in section.items()})


def _reader(reader: Reader) -> str:
    return _object({"bias": json.dumps(reader.bias), "weights": _lines(reader.weights)})


def _lines(entries: "Mapping[str, object]") -> str:
    said = (f"{_text(name)}:{json.dumps(value, separators=(',', ':'))}" for name, value in entries.items())
    return "{\n" + ",\n".join(said) + "}"


def _object(parts: dict[str, str]) -> str:
    return "{" + ",\n".join(f"{_text(name)}: {part}" for name, part in parts.items()) + "}\n"


def _text(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)


if __name__ == "__main__":
    main()
