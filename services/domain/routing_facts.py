"""What is known of a case when it is routed: codes, flags, numbers and the moment, never text."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.domain.clusters import Cluster
from services.domain.kinds import Channel, Kind, ReportType
from services.domain.moment import Moment
from services.domain.places import Place

Value = str | bool | int | date | tuple[str, ...] | None
Values = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Facts:
    """Places as intake confirmed them; `amount_owed_fen` in fen (分); `cluster`: of its employer or site;
    rules see its level. `moment`: when the case came in or was reopened.
    """

    kind: Kind
    report_type: ReportType | None = None
    urgent: bool = False
    channel: Channel = Channel.PHONE
    work: Place | None = None
    employer_place: Place | None = None
    residence: Place | None = None
    tags: tuple[str, ...] = ()
    amount_owed_fen: int | None = None
    workers_affected: int | None = None
    cluster: Cluster | None = None
    moment: Moment | None = None


@dataclass(frozen=True, slots=True)
class _Unknown:
    """No moment: nothing can be said of it."""

    day: None = None
    hour: None = None
    workday: None = None
    work_time: None = None


_UNKNOWN: Final = _Unknown()


def values_of(facts: Facts) -> Values:
    """The facts as conditions see them. A place with confidence "unsure" is not known."""
    moment = facts.moment or _UNKNOWN
    return {
        "kind": facts.kind,
        "report_type": facts.report_type,
        "urgent": facts.urgent,
        "channel": facts.channel,
        "work_district": _known(facts.work),
        "work_in_doubt": _in_doubt(facts.work),
        "employer_district": _known(facts.employer_place),
        "residence_district": _known(facts.residence),
        "tags": facts.tags,
        "amount_owed_fen": facts.amount_owed_fen,
        "workers_affected": facts.workers_affected,
        "cluster": facts.cluster.level if facts.cluster else None,
        "work_time": moment.work_time,
        "workday": moment.workday,
        "hour": moment.hour,
        "date": moment.day,
    }


def told(fields: Iterable[str], facts: Facts, values: Values) -> dict[str, str]:
    """These facts as a decision keeps them: field to code."""
    return {field: _shown(field, values[field], facts) for field in fields}


def street_of(facts: Facts) -> str | None:
    """The street of residence, nine digits; None where it, or the district, is not sure."""
    return street_at(facts.residence)


def street_at(place: Place | None) -> str | None:
    """The street of this place, nine digits; None where it, or the district, is not sure."""
    sure = place is not None and place.confidence != "unsure"
    return place.street[:9] if sure and place is not None and place.street else None


def _known(place: Place | None) -> str | None:
    return None if place is None or place.confidence == "unsure" else place.district


def _in_doubt(place: Place | None) -> bool:
    return place is not None and place.confidence == "unsure" and place.evidence != ""


def _shown(field: str, value: Value, facts: Facts) -> str:
    if value is None:
        return "unsure" if field in _unsure_places(facts) else "unknown"
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _unsure_places(facts: Facts) -> set[str]:
    places = {
        "work_district": facts.work,
        "employer_district": facts.employer_place,
        "residence_district": facts.residence,
    }
    return {field for field, place in places.items() if place is not None}
