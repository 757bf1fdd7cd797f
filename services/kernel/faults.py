"""Telling failures apart, and naming them without their text, which may hold personal data."""

import traceback

from sqlalchemy.exc import DBAPIError, OperationalError

from services.kernel.database.errors import Passing
from services.kernel.writer import Busy

_PASSING = ("locked", "busy", "disk", "full", "unable to open", "interrupted", "readonly")
_PASSING_STATES = ("40001", "40P01", "57P01", "57P02", "57P03", "55P03", "57014")


class TooEarly(LookupError):
    """What this event follows was not heard yet: after a lost log is filled again, sources come in any order.

    It waits as before a gap and holds nothing back: what it waits for would else wait behind it, for ever.
    """


def is_transient(error: BaseException) -> bool:
    """True when the same work may succeed later: a full queue, a lost, locked or full database, a timeout."""
    if isinstance(error, Busy | Passing | TimeoutError | ConnectionError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _PASSING_STATES:
        return True
    return isinstance(error, OperationalError) and any(word in str(error.orig) for word in _PASSING)


def place_of(error: BaseException) -> str:
    """ "ValueError at services/router/handlers.py:42": where it failed, without its text."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "/services/" in f.filename]
    if not frames:
        return type(error).__name__
    path = frames[-1].filename.rpartition("/services/")[2]
    return f"{type(error).__name__} at services/{path}:{frames[-1].lineno}"
