"""What the router decides, as pure functions: after a call, a correction, an objection, by a person.

The rules themselves are the city's (services.domain.routing_rules). Here is what is true in every city: a
unit is not asked twice without new facts, and after so many objections the common superior decides, or a
person (不踢皮球; 劳动保障监察条例 art 13).
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter

from services.domain.city import City
from services.domain.clusters import TAG, Cluster
from services.domain.escalation import Objections
from services.domain.events import CaseCorrected, CaseReceived, ClusterAlarmed, ClusterJoined, TaskObjected
from services.domain.moment import Moment
from services.domain.routing_rules import Decision, Facts, Held, Routed, Rules, decide
from services.domain.units import Unit
from services.router import objections
from services.router.alerts import OnCall
from services.router.book import Book
from services.router.periods import Periods

OBJECTION: Final = "objection"
SUPERIOR: Final = "superior"
PERSON: Final = "person"
UNIT_CLOSED: Final = "unit_closed"
MISSING: Final = "incomplete"
_FACTS: Final = TypeAdapter(Facts)
_CORRECTABLE: Final = ("kind", "report_type", "urgent", "work", "employer_place", "residence")
_NEVER_EMPTY: Final = ("kind", "urgent")


@dataclass(frozen=True)
class Desk:
    """What decisions are made with: rules, units, periods, and what the city does when nobody moves.

    `book`: the edition in force; between two cases it may become another.
    """

    book: Book
    periods: Periods
    objections: Objections
    duty: OnCall

    @classmethod
    def of(cls, city: City) -> "Desk":
        return cls(Book(city), Periods.of(city), city.escalation.objections, OnCall(city.duty, city.calendar))

    @property
    def rules(self) -> Rules:
        return self.book.rules

    @property
    def city(self) -> City:
        """With the units and rules that are in force."""
        return self.book.city

    def moment(self, at: datetime) -> Moment:
        """The instant by the city's clock."""
        return Moment.of(at, self.book.calendar)

    def accept_by(self, decision: Routed, now: datetime) -> datetime | None:
        """When the unit must have accepted or objected."""
        return self.periods.accept_by(decision.urgency == "urgent", now)


def facts_of(desk: Desk, event: CaseReceived) -> Facts:
    return Facts(
        kind=event.kind,
        report_type=event.report_type,
        urgent=event.urgent,
        channel=event.channel,
        work=event.work,
        employer_place=event.employer_place,
        residence=event.residence,
        tags=event.tags,
        amount_owed_fen=event.amount_owed_fen,
        workers_affected=event.workers_affected,
        cluster=event.cluster,
        moment=desk.moment(event.at),
    )


def written(facts: Facts) -> str:
    return _FACTS.dump_json(facts).decode()


def read(facts: str) -> Facts:
    return _FACTS.validate_json(facts)


def used_text(facts_used: Mapping[str, str]) -> str:
    return json.dumps(facts_used, ensure_ascii=False)


def used(text: str | None) -> dict[str, str]:
    """The facts of a decision as they were written; empty for none."""
    return TypeAdapter(dict[str, str]).validate_json(text) if text else {}


def corrected(facts: Facts, event: CaseCorrected) -> Facts:
    """The facts with what `changed` names put right."""
    values = {name: getattr(event, name) for name in event.changed if name in _CORRECTABLE}
    return replace(facts, **{k: v for k, v in values.items() if v is not None or k not in _NEVER_EMPTY})


def in_cluster(facts: Facts, event: ClusterAlarmed | ClusterJoined) -> Facts:
    """The facts of a case whose cluster crossed a threshold: how large it is, and the level as a tag."""
    tags = tuple(dict.fromkeys((*facts.tags, TAG + event.level)))
    cluster = Cluster.model_validate(event.model_dump(exclude={"cluster"}))
    return replace(facts, tags=tags, cluster=cluster)


def at_moment(facts: Facts, moment: Moment) -> Facts:
    """The same facts at another time: a case that is reopened comes in then."""
    return replace(facts, moment=moment)


def is_news(before: Facts, after: Facts, event: CaseCorrected, objection: str | None) -> bool:
    """Whether a correction reopens the question for a held case.

    Other facts do; another text only where a unit had sent the case back because something was missing.
    """
    return before != after or (objection == MISSING and "record" in event.changed)


def elsewhere(desk: Desk, before: Facts, after: Facts, unit: str | None) -> Routed | None:
    """Where corrected facts send a case that no unit has accepted yet; None: it stays where it is."""
    then, now = decide(desk.rules, before), decide(desk.rules, after)
    if not isinstance(now, Routed) or now.unit.id == unit:
        return None
    return None if isinstance(then, Routed) and then.unit.id == now.unit.id else now


def after_objection(
    desk: Desk, event: TaskObjected, urgent: bool, bounces: int, tried: Collection[str]
) -> Decision:
    """Where a case goes that was sent back. `bounces` counts this objection.

    To the unit that is proposed; from the city's `most`-th objection on to the common superior, whose own
    proposal is then its decision (指定管辖). Everything else is a person's.
    """
    roster, limit = desk.rules.roster, desk.objections
    proposed = proposed_unit(desk, event.proposed_unit)
    facts = {"unit": event.unit, "objection": event.reason}
    if proposed is not None:
        facts["proposed_unit"] = proposed.id
    if objections.is_superior(roster, event.unit, tried):
        if proposed is not None and proposed.id != event.unit:
            return _to(desk, proposed, SUPERIOR, facts, urgent)
    elif proposed is not None and bounces < limit.most and proposed.id not in tried:
        return _to(desk, proposed, OBJECTION, facts, urgent)
    facts["bounces"] = str(bounces)
    superior = objections.common_superior(roster, tried) if bounces >= limit.most else None
    if limit.then == "superior" and superior is not None and superior.id not in tried:
        return _to(desk, superior, SUPERIOR, facts, urgent)
    return Held("objected_again", facts)


def proposed_unit(desk: Desk, unit_id: str | None) -> Unit | None:
    """The open unit meant by a proposal (a closed one's successor); None when the city has no such unit."""
    known = unit_id is not None and unit_id in desk.rules.roster.by_id
    return desk.rules.roster.open_unit(unit_id) if known and unit_id else None


def after_silence(desk: Desk, superior: Unit, unit: str, clock: str, urgent: bool) -> Routed:
    """Nobody at `unit` moved while `clock` ran: its superior takes over (条例 art 13)."""
    return _to(desk, superior, SUPERIOR, {"unit": unit, "silent": clock}, urgent)


def by_hand(desk: Desk, unit: Unit, urgent: bool, hold_reason: str | None) -> Routed:
    """A supervisor's decision. It may be a unit that objected: the superior's word ends it (art 13)."""
    return _to(desk, unit, PERSON, {"held": hold_reason} if hold_reason else {}, urgent)


def after_closing(desk: Desk, unit: str, urgent: bool) -> tuple[Held, Routed | None]:
    """What becomes of an open case of a unit that takes no more: taken from it, then to its successor."""
    facts, roster = {"closed_unit": unit}, desk.rules.roster
    closed = roster.by_id.get(unit)
    taker = roster.open_unit(unit) if closed else None
    held = Held("unit_unavailable", facts)
    if closed is None or taker is None:
        return held, None
    routed = _to(desk, taker, UNIT_CLOSED, {**facts, "successor": taker.id}, urgent)
    return held, replace(routed, district=closed.districts[0] if len(closed.districts) == 1 else None)


def _to(desk: Desk, unit: Unit, rule: str, facts: dict[str, str], urgent: bool) -> Routed:
    district = unit.districts[0] if len(unit.districts) == 1 else None
    return Routed(unit, rule, desk.rules.version, facts, district, "urgent" if urgent else "normal")
