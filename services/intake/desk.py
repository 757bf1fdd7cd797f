"""What intake's routes and pages work with, handed over once by service.py."""

from dataclasses import dataclass, field
from uuid import UUID

from services.domain.city import City
from services.domain.sealing import Keyring
from services.intake.author import Author
from services.intake.creation import Created, create
from services.intake.facts import Refusals
from services.intake.idempotency import Claim, Memory
from services.intake.limiting import Limits
from services.intake.queries import Found, find
from services.intake.reading import refused
from services.intake.schemas import CaseIn
from services.intake.scribe import Scribe
from services.intake.sight import Sight
from services.kernel.roles import Principal
from services.kernel.store import Store


@dataclass(frozen=True, slots=True)
class Desk:
    """One per process."""

    store: Store
    scribe: Scribe
    limits: Limits = field(default_factory=Limits)
    memory: Memory = field(default_factory=Memory)

    @property
    def city(self) -> City:
        return self.scribe.city

    @property
    def keyring(self) -> Keyring:
        return self.scribe.keyring

    def sight(self, who: Principal) -> Sight:
        return Sight(who, self.keyring)

    async def find(self, who: Principal, case_id: UUID) -> Found | None:
        """The case with all that belongs to it, if it is the reader's to see."""
        now = self.scribe.around.now()
        return await self.store.read(find(who, case_id, self.city.clusters, now))

    async def create(self, given: CaseIn, author: Author, claim: Claim | None) -> Created:
        """Write a case down. Raises Refusal or Problem."""
        try:
            return await create(self.store, self.scribe, self.memory, given, author, claim)
        except Refusals as several:
            raise refused(several) from None
