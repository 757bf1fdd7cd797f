"""A case comes into being: case, answer, timeline and CaseReceived in one transaction, answered after its
commit.
"""

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final
from uuid import UUID

from pydantic_core import to_json

from services.domain.clusters import ClustersFile
from services.intake import idempotency
from services.intake.author import Author
from services.intake.clusters import Joining, join
from services.intake.codes import tracking_code
from services.intake.idempotency import Answered, Claim, Memory
from services.intake.models import CaseRow
from services.intake.same_call import call_of
from services.intake.schemas import CaseIn
from services.intake.scribe import Scribe, Written
from services.intake.traces import owe
from services.kernel import outbox
from services.kernel.database.errors import Collision
from services.kernel.problem import Problem, read_kinds
from services.kernel.store import Store
from services.kernel.tx import Tx

KINDS: Final = read_kinds(Path(__file__).parent)
TRIES: Final = 2


@dataclass(frozen=True, slots=True)
class Created:
    """A case that exists. `response`: it in words of the API, JSON without the tracking code."""

    case_id: str
    number: str
    code: str
    response: str

    @property
    def body(self) -> bytes:
        return f'{self.response[:-1]},"tracking_code":"{self.code}"}}'.encode()


def problem(slug: str) -> Problem:
    """One of intake's own problems, with the words of its problems.toml."""
    kind = KINDS[slug]
    return Problem(slug, kind.status, kind.zh, kind.en, kind.retryable)


async def create(
    store: Store, scribe: Scribe, memory: Memory, given: CaseIn, author: Author, claim: Claim | None
) -> Created:
    """Write the case down once. Raises Refusal, Refusals; Problem: the key was used for something else, or
    there is no case to link it to.
    """
    answered = memory.find(claim, scribe.around.now()) if claim else None
    tries = 0
    while answered is None:
        written, tries = scribe.write(given, author), tries + 1
        response = response_of(written)
        try:
            work = partial(
                _enter, written=written, response=response, claim=claim, scribe=scribe,
                linked=(given.linked_to, author),
            )  # fmt: skip
            answered = await store.run(work)
        except Collision:  # the key was used, or the number drawn is taken
            answered = await store.read(partial(idempotency.find, claim=claim)) if claim else None
            if answered is None and tries == TRIES:
                raise
            continue
        if answered is None:
            if claim:
                memory.keep(claim, response, written.event.at)
            return Created(str(written.event.case_id), written.event.number, written.code, response)
    return _repeated(answered, scribe)


def _repeated(before: Answered, scribe: Scribe) -> Created:
    if not before.same:
        raise problem("idempotency-key-reused")
    said = json.loads(before.response)
    code = tracking_code(said["number"], scribe.keyring)
    return Created(said["case_id"], said["number"], code, before.response)


def _enter(
    tx: Tx,
    written: Written,
    response: str,
    claim: Claim | None,
    scribe: Scribe,
    linked: tuple[UUID | None, Author],
) -> Answered | None:
    """None: the case is written; else the answer that this key was given before."""
    if claim is not None:
        before = idempotency.keep(tx, claim, response, written.event.case_id)
        if before is not None:
            return before
    before_it, author = linked
    if before_it is not None:
        written.row["call_id"] = call_of(tx, before_it, author)
        if written.row["call_id"] is None:
            raise problem("no-case-to-link")
    enter(tx, written, scribe.city.clusters)
    return None


def enter(tx: Tx, written: Written, clusters: ClustersFile) -> None:
    """The case is written and said; one that belongs to clusters, at the end of the transaction."""
    outbox.begin(tx, written.event.case_id)
    owe(tx, written.event.case_id)
    if written.membership is None:
        tx.insert(CaseRow, **written.row)
        tx.put(written.event)
    else:
        joining = Joining(written.event, written.membership, written.event.at, written.row)
        join(tx, joining, clusters)


def response_of(written: Written) -> str:
    event, case_id = written.event, str(written.event.case_id)
    return to_json(
        {
            "case_id": case_id,
            "number": event.number,
            "kind": written.row["kind"],
            "report_type": written.row["report_type"],
            "status": written.row["status"],
            "links": {"self": f"/api/cases/{case_id}", "page": f"/desk/cases/{case_id}"},
        }
    ).decode()
