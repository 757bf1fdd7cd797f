"""The citizen's view (进度查询): number and code open four stages and the unit's last word.

The code is computed from the number, so a wrong code and a number that does not exist are told apart by
nothing: same path, same time, same answer, and no query. Five wrong tries an hour, by number and by address.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlmodel import Session, select

from services.domain.city import City
from services.domain.identifiers import parse_number
from services.domain.kinds import KIND_NAMES, Kind
from services.domain.life import STATUS_NAMES, Status
from services.domain.names import Name
from services.domain.sealing import Keyring
from services.intake.citizen import CallOut, PartOut, StageOut, TrackedOut
from services.intake.codes import is_code_of
from services.intake.creation import problem
from services.intake.limiting import LOOKS, WRONG_CODES, Limits
from services.intake.models import CaseRow, TimelineRow
from services.intake.schemas import TrackingIn
from services.intake.sight import open_words
from services.intake.timeline import TO_CALLER, WORDS, rows_of, sentence_of
from services.kernel.store import Store

STAGES: Final = {
    "received": (Name("已收到", "Received"), ("CaseReceived",)),
    "routed": (Name("已转办", "Passed on"), ("CaseRouted",)),
    "in_progress": (Name("办理中", "In progress"), ("TaskAccepted", "TaskProgressed")),
    "outcome": (Name("有结果", "Result"), ("OutcomeReported", "AnswerGiven")),
}
"""The four stages, with the events that begin each."""

_LAST_WORDS: Final = frozenset({"TaskAccepted", "TaskProgressed", "OutcomeReported", "AnswerGiven"})


MERGES: Final = 8  # one after the other; nobody merges more often


class Found(NamedTuple):
    """The case that `number` leads to, with kind and status of its parts."""

    number: str
    row: CaseRow
    lines: Sequence[TimelineRow]
    parts: Sequence[tuple[str, str]]


async def track(
    store: Store, city: City, keyring: Keyring, limits: Limits, given: TrackingIn, address: str, language: str
) -> TrackedOut:
    """Raises Refusal for a number that cannot be one, Problem 404 for a pair that does not match, 429 after
    five.
    """
    number = parse_number(given.number)
    limits.take(LOOKS, "look", address)
    limits.check(WRONG_CODES, "number", number)
    limits.check(WRONG_CODES, "address", address)
    if not is_code_of(number, given.code, keyring):
        limits.count(WRONG_CODES, "number", number)
        limits.count(WRONG_CODES, "address", address)
        raise problem("not-tracked")
    found = await store.read(lambda session: _find(session, number))
    if found is None:
        raise problem("not-tracked")
    return citizen_view(found, city, keyring, language)


def citizen_view(found: Found, city: City, keyring: Keyring, language: str) -> TrackedOut:
    """What the caller may see. The words of an answer or outcome were written for the caller; others are not
    shown.
    """
    row, lines = found.row, found.lines
    last = next((line for line in reversed(lines) if line.type in _LAST_WORDS), None)
    told = next((line for line in reversed(lines) if line.type in TO_CALLER), None)
    return TrackedOut(
        number=found.number,
        merged_into=row.number if row.number != found.number else None,
        parts=tuple(
            PartOut(
                kind_name=KIND_NAMES[Kind(kind)].in_language(language),
                status=STATUS_NAMES[Status(status)].in_language(language),
            )
            for kind, status in found.parts
        ),
        kind=row.kind,
        kind_name=KIND_NAMES[Kind(row.kind)].in_language(language),
        stages=_stages(lines, language),
        status=STATUS_NAMES[Status(row.status)].in_language(language),
        calls=tuple(
            CallOut(at=line.at, text=sentence_of(line, city, language))
            for line in lines
            if line.type == "CallAttached"
        ),
        last_word=sentence_of(last, city, language) if last else None,
        words=open_words(told, WORDS[told.type], keyring) if told else None,
        last_at=lines[-1].at if lines else row.created_at,
        closed=row.status == Status.CLOSED,
    )


def _stages(lines: Sequence[TimelineRow], language: str) -> tuple[StageOut, ...]:
    """The dates since the case last began; a skipped stage has the date of the next one."""
    starts = [number for number, line in enumerate(lines) if line.type == "CaseReopened"]
    current = list(lines[starts[-1] :]) if starts else list(lines)
    stages: list[StageOut] = []
    later: datetime | None = None
    for stage, (label, events) in reversed(STAGES.items()):
        source = lines if stage == "received" else current
        later = next((line.at for line in source if line.type in events), later)
        stages.append(StageOut(stage=stage, label=label.in_language(language), at=later))
    return tuple(reversed(stages))


def _find(session: Session, number: str) -> Found | None:
    """The case of this number; of one that was merged, the case in which the matter goes on."""
    row = session.exec(select(CaseRow).where(CaseRow.number == number)).first()
    for _ in range(MERGES):
        if row is not None and row.merged_into is not None:
            row = session.get(CaseRow, row.merged_into)
    if row is None:
        return None
    parts = session.exec(select(CaseRow.kind, CaseRow.status).where(CaseRow.parent == row.case_id))
    return Found(number, row, rows_of(session, row.case_id), list(parts))
