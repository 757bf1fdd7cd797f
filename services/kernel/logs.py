"""Logs: one JSON object per line on stderr, and no way for personal data into them.

    log = logger("intake")
    log.warning("case.held", case_id=case_id, reason="unsure_district")
    logging.getLogger(__name__).warning("case.held", extra={"case_id": case_id})    # the same

An entry is a code (`event`) and values under the keys of KEYS; other keys are dropped and only their
names kept. A value is a number, an id or a code in ASCII: anything else, and anything that looks like a
telephone number, is replaced. Of an exception its type and the places in the code are kept, never its
text. Libraries that log through `logging` are cut down to the same shape.
"""

import json
import logging
import re
import sys
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import datetime
from functools import partialmethod
from pathlib import Path
from traceback import extract_tb
from typing import Any, Final, TextIO
from uuid import UUID

from services.kernel.surroundings import real

KEYS: Final = frozenset({
    "event", "level", "at", "part", "service", "request", "incident", "method", "route", "status", "ms",
    "case_id", "id", "type", "seq", "source", "consumer", "position", "partition", "offset", "by", "role",
    "unit", "task", "destination", "attempt", "fence", "rule", "version", "reason", "error", "errors",
    "stack", "count", "rows", "lag", "seconds", "host", "port", "check", "setting", "channel", "dropped",
    "place", "loop",
})  # fmt: skip
REPLACED: Final = "[not shown]"
LONGEST: Final = 200
_PHONE: Final = re.compile(
    r"(?<![0-9A-Fa-f-])(\+?86[ -]?)?(1[3-9]\d[ -]?\d{4}[ -]?\d{4}|0\d{2,3}[ -]?\d{7,8})(?![0-9A-Fa-f-])"
)
_KEY: Final = re.compile(r"[a-z_]{1,30}")
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

Entry = dict[str, Any]


class _Output:
    """Where the lines go, and from which level on; set once, by `configure`."""

    level = logging.WARNING
    stream: TextIO | None = None
    now: Callable[[], datetime] = staticmethod(real().now)

    def write(self, line: str) -> None:
        stream = self.stream or sys.stderr
        stream.write(line + "\n")
        stream.flush()


_output: Final = _Output()


def configure(level: str = "info", stream: TextIO | None = None) -> None:
    """Send our own entries, and the libraries' warnings, from `level` on to `stream` (stderr)."""
    _output.level, _output.stream = logging.getLevelNamesMapping()[level.upper()], stream
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Foreign())
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(max(_output.level, logging.WARNING))
    logging.getLogger("services").setLevel(_output.level)


def enabled(level: int) -> bool:
    """Whether entries of this level are written, for where making one costs too much."""
    return level >= _output.level


class Logger:
    """Writes the entries of one part of the program: a code, and values under the keys of KEYS."""

    def __init__(self, part: str) -> None:
        self._part = part

    def log(self, level: int, event: str, **values: object) -> None:
        if enabled(level):
            entry: Entry = {"part": self._part, **values, "event": event}
            _output.write(_line(entry, logging.getLevelName(level).lower()))

    debug = partialmethod(log, logging.DEBUG)
    info = partialmethod(log, logging.INFO)
    warning = partialmethod(log, logging.WARNING)
    error = partialmethod(log, logging.ERROR)
    critical = partialmethod(log, logging.CRITICAL)


def logger(part: str) -> Logger:
    """The logger of one part of the program, such as "kernel.web"."""
    return Logger(part)


def _line(entry: Entry, level: str) -> str:
    kept = keep_allowed(_describe_exception(_complete(level, entry)))
    return json.dumps(kept, ensure_ascii=False, default=str)


def keep_allowed(entry: Entry) -> Entry:
    """Leave only KEYS, with values that cannot be personal."""
    kept = {key: _safe(value) for key, value in entry.items() if key in KEYS}
    if dropped := sorted(key if _KEY.fullmatch(key) else "?" for key in entry.keys() - KEYS):
        kept["dropped"] = dropped
    return kept


def places(error: BaseException, most: int = 8) -> list[str]:
    """Where an exception came from, innermost last: "store.py:151 _together"."""
    frames = extract_tb(error.__traceback__)[-most:]
    return [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in frames]


def kind(error: BaseException) -> str:
    """An exception's type, with those that caused it: "RuntimeError < TimeoutError"."""
    names, seen = [type(error).__name__], error
    while (cause := _cause(seen)) is not None and len(names) < 5:
        names.append(type(cause).__name__)
        seen = cause
    return " < ".join(names)


def _cause(error: BaseException) -> BaseException | None:
    return error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _complete(level: str, entry: Entry) -> Entry:
    entry["level"] = level
    entry["at"] = _output.now().isoformat(timespec="milliseconds")
    if (request := request_id.get()) is not None:
        entry.setdefault("request", request)
    return entry


def _describe_exception(entry: Entry) -> Entry:
    given = entry.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(entry.get("error"), BaseException):
        error = entry["error"]
    if isinstance(error, BaseException):
        entry["error"], entry["stack"] = kind(error), places(error)
    return entry


def _safe(value: object) -> object:
    if value is None or isinstance(value, bool | int | float | UUID):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [_safe(item) for item in list(value)[:20]]
    if isinstance(value, Mapping):
        return REPLACED
    text = str(value)
    if not text.isascii() or _PHONE.search(text):
        return REPLACED
    return text if len(text) <= LONGEST else text[:LONGEST] + "..."


class _Foreign(logging.Formatter):
    """A record of `logging`: its logger, its %-template without the arguments, the exception's type.

    Our own modules' records (services.*) may add values by `extra=`.
    """

    def format(self, record: logging.LogRecord) -> str:
        ours = record.name.startswith("services.")
        template = isinstance(record.msg, str) and (ours or record.args)
        entry: Entry = {k: v for k, v in vars(record).items() if ours and k not in _PLAIN}
        entry.update(event=record.msg if template else "library", part=record.name)
        entry.update(place=f"{record.filename}:{record.lineno}", exc_info=record.exc_info)
        return _line(entry, record.levelname.lower())


_PLAIN: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
