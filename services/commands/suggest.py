"""`yikou suggest`: messages on stdin, a line of JSON each; for each a line of JSON with what it is about.

A message is {"subject", "body"}; either may be absent, and whatever else stands in the line is not read. The
answers come in the order of the messages and do not repeat them: messages are personal.
"""

import json
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO, Final

from services.commands.input_lines import answer_all, lines
from services.domain.city_files import CityError, read
from services.domain.entry import Problem
from services.domain.kinds import Kind
from services.domain.names import Name
from services.domain.suggestion import FILE, Suggestion, Words, suggest
from services.kernel.settings import Settings

_LINE: Final = 1 << 20  # bytes; the rest of a longer line is passed over
_NOTHING: Final = Suggestion(Kind.OTHER, None, False, False, (), "unsure")
REASONS: Final = {
    "too_long": Name("这一行太长。", "The line is too long."),
    "not_utf8": Name(
        "这一行不是 UTF-8 编码的文字，请转成 UTF-8 再试。",
        "This line is not text in UTF-8: please convert it and try again.",
    ),
    "not_json": Name("这一行不是 JSON 对象。", "The line is no JSON object."),
    "not_text": Name("subject 和 body 应是文字。", "subject and body must be texts."),
    "empty": Name("没有内容。", "There is nothing in it."),
}
"""Why a line could not be read."""


def command() -> None:
    """Read messages on stdin, a line of JSON each, and print the kind of each as a line of JSON."""
    folder, found = Settings.read().city, list[Problem]()
    words = read(folder / FILE, Words, found)
    if words is None:
        raise CityError(folder, found)
    hint = '每行一条 JSON：{"subject": …, "body": …}，Ctrl-D 结束。/ One JSON object a line; Ctrl-D ends.'
    answer_all(hint, partial(answers, words=words))


def answers(stream: BinaryIO, words: Words) -> Iterator[str]:
    """One answer for each line, whatever is in it."""
    for line in lines(stream, _LINE):
        text, reason = _text(line)
        yield _said(_NOTHING if reason else suggest(text, words), reason)


def _text(line: bytes | None) -> tuple[str, str]:
    """Subject and body, or the code of why they cannot be read."""
    if line is None:
        return "", "too_long"
    try:
        said = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return "", "not_utf8"
    except (ValueError, RecursionError):
        return "", "not_json"
    if not isinstance(said, dict):
        return "", "not_json"
    parts = [said.get(name) or "" for name in ("subject", "body")]
    if not all(isinstance(part, str) for part in parts):
        return "", "not_text"
    text = "\n".join(parts).strip()
    return text, "" if text else "empty"


def _said(found: Suggestion, reason: str) -> str:
    why = REASONS.get(reason)
    return json.dumps(
        {
            "kind": found.kind,
            "report_type": found.report_type,
            "urgent": found.urgent,
            "mass": found.mass,
            "evidence": found.evidence,
            "confidence": found.confidence,
            "reason": {"code": reason, "zh": why.zh, "en": why.en} if why else None,
        },
        ensure_ascii=False,
    )
