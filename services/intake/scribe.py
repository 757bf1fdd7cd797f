"""What is stored of a new case, and what everybody hears of it: personal parts sealed before anything is
written.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic_core import to_json

from services.domain.city import City
from services.domain.events import CaseReceived
from services.domain.identifiers import case_number
from services.domain.refusals import Refusal
from services.domain.sealing import Keyring
from services.intake.author import Author
from services.intake.codes import tracking_code
from services.intake.facts import Facts, understand
from services.intake.membership import Membership, membership
from services.intake.record import columns, contact, identity, record, told
from services.intake.schemas import CaseIn
from services.intake.similar import Texts
from services.kernel.surroundings import Surroundings

MOST_BYTES: Final = 19_000  # of the record, so that a partner's body stays below 20 kB


@dataclass(frozen=True, slots=True)
class Seals:
    """The sealed parts; None where there is nothing to say."""

    record: str
    contact: str | None
    identity: str | None


@dataclass(frozen=True, slots=True)
class Written:
    """A case ready to be stored: columns of intake_case, the event, and the tracking code for the caller.

    `membership`: in which clusters it counts.
    """

    row: dict[str, object]
    event: CaseReceived
    code: str
    membership: Membership | None


@dataclass(frozen=True, slots=True)
class Scribe:
    """Writes cases down for one city with one key ring."""

    city: City
    keyring: Keyring
    around: Surroundings

    def write(self, given: CaseIn, author: Author, parent: UUID | None = None) -> Written:
        """A case with a new id and number. Raises Refusal or Refusals for what cannot be taken.

        `parent`: the case of which it is a part.
        """
        facts = understand(given, self.city, author)
        at, case_id, number = self.around.now(), self.around.new_id(), case_number(self.around.random)
        code = tracking_code(number, self.keyring)
        seals = self.seal(case_id, code, at, given, facts, author.client)
        known = columns(given, facts)
        shared = {
            "number": number, "channel": facts.channel.value, "language": author.language,
            "told_by": told(given, facts),
        }  # fmt: skip
        event = {
            "case_id": case_id, "at": at, "by": author.by, "record": seals.record, "contact": seals.contact,
            "tags": facts.tags, "work": facts.work, "employer_place": facts.employer_place,
            "residence": facts.residence, "parent": parent,
        }  # fmt: skip
        row = {
            "case_id": case_id, "status": "received", "created_at": at, "updated_at": at, "bounces": 0,
            "created_by": author.by, "staff_number": author.staff_number, "client": author.client,
            "tags": to_json(facts.tags).decode(), "call_id": None, "phone_index": self.phone_index(facts),
            "open_parts": 0, "parent": parent,
            "record": seals.record, "identity": seals.identity,
        }  # fmt: skip
        return Written(
            known | shared | row, CaseReceived.model_validate(known | shared | event), code,
            self.membership(given, facts, case_id),
        )  # fmt: skip

    @property
    def texts(self) -> Texts:
        return Texts(self.city, self.keyring)

    def membership(self, given: CaseIn, facts: Facts, case_id: UUID) -> Membership | None:
        return membership(given, facts, case_id, self.keyring, self.city.clusters)

    def phone_index(self, facts: Facts) -> str | None:
        return self.keyring.blind_index(facts.phone.e164) if facts.phone else None

    def seal(
        self, case_id: UUID, code: str, at: datetime, given: CaseIn, facts: Facts, client: str | None
    ) -> Seals:
        """The sealed parts of a case. Raises Refusal for too long a record."""
        full = to_json(record(given, facts, at))
        if len(full) > MOST_BYTES:
            raise Refusal(
                "record-too-long",
                "记录太长，请分成两件登记。",
                "The record is too long: write it down as two cases.",
                "text",
            )
        reach = contact(given, facts, code, client)
        who = identity(given, facts)
        return Seals(
            record=self.close("task", case_id, "record", full),
            contact=self.close("contact", case_id, "contact", to_json(reach)) if reach else None,
            identity=self.close("identity", case_id, "identity", to_json(who)) if who else None,
        )

    def close(self, audience: str, case_id: UUID, field: str, text: bytes | str) -> str:
        """`text` sealed for `audience`; `field`: where it will stand."""
        return self.keyring.seal(audience, case_id, field, text, self.around.random.randbytes)
