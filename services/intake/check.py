"""The check of a half-filled form (边说边查): all that helps while the caller is talking, in one answer.

Reading, locating, suggesting and routing are pure; what was seen before and how large its cluster is are five
statements at most, each over an index.
"""

from collections.abc import Mapping
from datetime import datetime

from services.domain.city import City
from services.domain.clusters import Cluster
from services.domain.kinds import KIND_NAMES
from services.domain.location import REASONS, Location
from services.domain.moment import Moment
from services.domain.names import Name
from services.domain.suggestion import suggest
from services.intake.alarms import Counted
from services.intake.assembly import cluster_out
from services.intake.author import Author
from services.intake.counting import sizes_of
from services.intake.desk import Desk
from services.intake.findings import (
    AlternativeOut,
    CheckOut,
    DestinationOut,
    FieldOut,
    IdentifiersOut,
    LocatedOut,
    PlacesOut,
    SeenOut,
    SimilarOut,
    SuggestionOut,
)
from services.intake.halfway import CheckIn, Halfway, halfway
from services.intake.membership import keys_of
from services.intake.preview import destination, located
from services.intake.seen import Asked, Seen, look_up
from services.kernel.language import Language
from services.kernel.roles import Principal
from services.kernel.sql import Look


async def check(desk: Desk, given: CheckIn, who: Principal, language: Language) -> CheckOut:
    """What can be said of the form so far. Never a refusal: what is wrong stands in `problems`."""
    half = halfway(given, desk.city, Author.of(who))
    now = desk.scribe.around.now()
    seen, cluster = await desk.store.read(lambda look: known(look, desk, half, who, now))
    facts, city = half.facts, desk.city
    wrong = ((one.field, Name(one.zh, one.en).in_language(language)) for one in half.problems)
    return CheckOut(
        problems=tuple(FieldOut(field=field, text=text) for field, text in wrong),
        identifiers=IdentifiersOut(phone=facts.phone.kind if facts.phone else None, uscc=facts.uscc),
        places=_places(located(half.case, city), language),
        suggestion=_suggestion(half, city, language),
        destination=_destination(half, city, Moment.of(desk.store.now(), city.calendar), language),
        seen=SeenOut(
            phone=tuple(seen.phone), employer=tuple(seen.employer),
            similar=tuple(SimilarOut(case=line, share=round(share, 2)) for line, share in seen.similar),
        ),
        cluster=cluster_out(cluster, city, language),
    )  # fmt: skip


def known(
    look: Look, desk: Desk, half: Halfway, who: Principal, now: datetime
) -> tuple[Seen, Cluster | None]:
    """Another system hears of its own cases only, and of no cluster."""
    facts, texts = half.facts, desk.scribe.texts
    asked = Asked(
        phones=desk.keyring.blind_indexes(facts.phone.e164) if facts.phone else (),
        uscc=facts.uscc, employer=facts.employer, place=facts.place,
        text=texts.grams(half.case.text if half.has_text else None),
    )  # fmt: skip
    seen = look_up(look, who, asked, texts, now)
    keys = keys_of(facts, desk.keyring) if who.may("case.read.all") else ()
    if not keys:
        return seen, None
    clusters = desk.city.clusters
    return seen, Counted.of(sizes_of(look, keys, clusters, now), clusters).cluster(keys)


def _places(found: Mapping[str, Location], language: Language) -> PlacesOut:
    return PlacesOut(
        work=_located(found.get("work_address"), language),
        employer=_located(found.get("employer_address"), language),
        residence=_located(found.get("residence"), language),
    )


def _located(found: Location | None, language: Language) -> LocatedOut | None:
    if found is None:
        return None
    return LocatedOut(
        district=found.district, name=found.name, street=found.street, street_name=found.street_name,
        confidence=found.confidence, evidence=found.evidence,
        reason=REASONS[found.reason].in_language(language) if found.reason else "",
        alternatives=tuple(
            AlternativeOut(code=one.street or one.code, name=one.name, street_name=one.street_name)
            for one in found.alternatives
        ),
    )  # fmt: skip


def _suggestion(half: Halfway, city: City, language: Language) -> SuggestionOut | None:
    if not half.has_text:
        return None
    found = suggest(half.case.text, city.words)
    return SuggestionOut(
        kind=found.kind, kind_name=KIND_NAMES[found.kind].in_language(language),
        report_type=found.report_type, urgent=found.urgent, mass=found.mass, evidence=found.evidence,
        confidence=found.confidence,
    )  # fmt: skip


def _destination(half: Halfway, city: City, moment: Moment, language: Language) -> DestinationOut | None:
    """None while neither the text nor the agent has said what it is about."""
    if not half.has_text and half.case.kind is None and half.case.report_type is None:
        return None
    unit, why = destination(half.facts, half.case, moment, city, language)
    kind = half.facts.kind
    return DestinationOut(kind=kind, kind_name=KIND_NAMES[kind].in_language(language), unit=unit, why=why)
