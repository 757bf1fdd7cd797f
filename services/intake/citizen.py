"""What a citizen sees of a case. Nothing goes out that does not stand here."""

from datetime import datetime

from services.intake.views import Out


class CallOut(Out):
    """A further call of the caller's, as the citizen's view tells it."""

    at: datetime
    text: str


class PartOut(Out):
    """A part that is a case of its own, whose number and code the caller was given."""

    kind_name: str
    status: str


class StageOut(Out):
    """One of the citizen's four stages. `at` None: not reached yet."""

    stage: str
    label: str
    at: datetime | None


class TrackedOut(Out):
    """The citizen's view: nothing about anybody else, nothing internal.

    `merged_into`: the number under which the matter goes on; stages and words are that case's.
    """

    number: str
    kind: str
    kind_name: str
    stages: tuple[StageOut, ...]
    status: str
    merged_into: str | None
    parts: tuple[PartOut, ...]
    calls: tuple[CallOut, ...]
    last_word: str | None
    words: str | None
    last_at: datetime
    closed: bool
