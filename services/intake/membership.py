"""Which clusters a case belongs to: the employer by its USCC, the employer by name and district, the site."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from services.domain.clusters import ClustersFile, Over
from services.domain.sealing import Keyring
from services.intake.facts import Facts, fen
from services.intake.schemas import CaseIn

_OVER: Final[Mapping[str, Over]] = {"u": "employer", "n": "employer", "s": "site"}


@dataclass(frozen=True, slots=True)
class Membership:
    """A case as its clusters count it. `caller`: one for each person, as in models.ClusterCaseRow."""

    keys: tuple[str, ...]
    caller: str
    workers: int | None
    amount_owed_fen: int | None


def membership(
    given: CaseIn, facts: Facts, case_id: UUID, keyring: Keyring, clusters: ClustersFile
) -> Membership | None:
    """None: of a kind that is not counted, or against nobody that can be told from others."""
    keys = keys_of(facts, keyring) if facts.kind in clusters.kinds else ()
    if not keys:
        return None
    caller = keyring.blind_index(facts.phone.e164) if facts.phone else case_id.hex
    return Membership(keys, caller, given.workers_affected, fen(given.amount_owed))


def keys_of(facts: Facts, keyring: Keyring) -> tuple[str, ...]:
    """The employer's keys first. Names and places are hashed: a cluster outlives the cases' erasure."""
    keys = []
    if facts.uscc:
        keys.append(f"u {facts.uscc}")
    if facts.employer:
        keys.append("n " + keyring.blind_index(f"employer {facts.place or ''} {facts.employer}"))
    if facts.site:
        keys.append("s " + keyring.blind_index(f"site {facts.site}"))
    return tuple(keys)


def over(key: str) -> Over:
    """What the cases of this key have in common."""
    return _OVER[key[0]]


def of_employer(keys: Sequence[str]) -> list[str]:
    return [key for key in keys if over(key) == "employer"]
