"""What will become of a case, shown before it is saved: where its addresses are, and the unit that the rules
lead to.

The same pure rules that the router uses, on the same facts; the router decides.
"""

from services.domain.city import City
from services.domain.codes import HOLD_REASONS, name_of
from services.domain.districts import locate
from services.domain.location import Location
from services.domain.moment import Moment
from services.domain.routing_rules import Facts as RoutingFacts
from services.domain.routing_rules import Routed, decide
from services.intake.facts import Facts, fen
from services.intake.schemas import CaseIn


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
