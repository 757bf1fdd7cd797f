"""What will become of a case, shown before it is saved: the unit that the rules lead to, and what is known
already.

The same pure rules that the router uses, on the same facts; the router decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.domain.city import City
from services.domain.codes import HOLD_REASONS, name_of
from services.domain.districts import locate
from services.domain.kinds import KIND_NAMES
from services.domain.location import Location
from services.domain.moment import Moment
from services.domain.routing_rules import Facts as RoutingFacts
from services.domain.routing_rules import Routed, decide
from services.intake import queries
from services.intake.author import Author
from services.intake.desk import Desk
from services.intake.facts import Facts, fen, understand
from services.intake.schemas import CaseIn, SearchIn
from services.intake.views import CaseLine
from services.kernel.roles import Principal

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Preview:
    """`unit`: its name, or None when a person will route it; `why`: the rule or reason in words.

    `places`: what was read from the addresses, by the field of the form; none where the district was chosen.
    """

    kind: str
    unit: str | None
    why: str
    places: Mapping[str, Location]
    same_phone: Sequence[CaseLine]
    same_employer: Sequence[CaseLine]


async def preview(desk: Desk, given: CaseIn, who: Principal, language: str) -> Preview:
    """Raises Refusal or Refusals, as saving would."""
    facts = understand(given, desk.city, Author.of(who))
    moment = Moment.of(desk.store.now(), desk.city.calendar)
    unit, why = destination(facts, given, moment, desk.city, language)
    phone = SearchIn(phone=facts.phone.e164) if facts.phone else None
    employer = SearchIn(employer=given.employer.name) if given.employer.name else None
    return Preview(
        KIND_NAMES[facts.kind].in_language(language),
        unit,
        why,
        located(given, desk.city),
        await _known(desk, who, phone),
        await _known(desk, who, employer),
    )


def located(given: CaseIn, city: City) -> dict[str, Location]:
    """Where each address without a chosen district is, for the agent to confirm or to correct."""
    addresses = {
        "work_address": None if given.employer.work_district else given.employer.work_address,
        "employer_address": given.employer.address,
        "residence": None if given.caller.residence_district else given.caller.residence,
    }
    return {field: locate(address, city.gazetteer) for field, address in addresses.items() if address}


def destination(
    facts: Facts, given: CaseIn, moment: Moment, city: City, language: str
) -> tuple[str | None, str]:
    """The unit's name, or None for a person; and why."""
    decided = decide(
        city.routing,
        RoutingFacts(
            kind=facts.kind,
            report_type=facts.report_type,
            urgent=facts.urgent,
            channel=facts.channel,
            work=facts.work,
            employer_place=facts.employer_place,
            residence=facts.residence,
            amount_owed_fen=fen(given.amount_owed),
            workers_affected=given.workers_affected,
            tags=facts.tags,
            moment=moment,
        ),
    )
    if isinstance(decided, Routed):
        rule = next((rule for rule in city.rules if rule.id == decided.rule), None)
        said = (rule.en if language.startswith("en") else rule.zh) if rule else decided.rule
        return city.unit_name(decided.unit.id, language), said
    return None, name_of(decided.reason, HOLD_REASONS).in_language(language)


async def _known(desk: Desk, who: Principal, asked: SearchIn | None) -> Sequence[CaseLine]:
    query = queries.search(who, asked, desk.city, desk.keyring) if asked else None
    return (await desk.store.read(query)).cases[:SHOWN] if query else ()
