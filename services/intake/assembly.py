"""A case as its reader may see it, put together from its row, its timeline and what may be unsealed."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from services.domain.city import City
from services.domain.clusters import Cluster
from services.intake.linked import Linked
from services.intake.models import CaseRow, TimelineRow
from services.intake.sight import Sight
from services.intake.timeline import Entry, tell
from services.intake.views import (
    CaseOut,
    ClusterOut,
    OutcomeOut,
    RecordOut,
    RoutingOut,
    TimelineOut,
    links,
)

_PLAIN = (
    "case_id", "number", "kind", "report_type", "channel", "status", "urgent", "created_at", "updated_at",
    "created_by", "owner", "work_district", "residence_district", "delivered_at", "informed_at", "closed_at",
)  # fmt: skip


def case_out(
    row: CaseRow, lines: Sequence[TimelineRow], links_to: Linked, sight: Sight, city: City, language: str
) -> CaseOut:
    """The case in the reader's language, with what the reader may see."""
    entries = entries_of(lines, sight, city, language)
    return CaseOut(
        **{name: getattr(row, name) for name in _PLAIN},
        record=record_out(row, sight),
        routing=routing_out(row, city, language),
        outcome=outcome_out(row),
        timeline=tuple(TimelineOut(**asdict(entry)) for entry in entries),
        parent=links_to.parent,
        parts=links_to.parts,
        merged_into=links_to.merged_into,
        same_call=links_to.same_call,
        cluster=cluster_out(links_to.cluster, city, language),
        links=links(row.case_id),
    )


def entries_of(lines: Sequence[TimelineRow], sight: Sight, city: City, language: str) -> list[Entry]:
    return [tell(line, city, language, sight.words) for line in lines]


def record_out(row: CaseRow, sight: Sight) -> RecordOut | None:
    """The record; None after an erasure."""
    record = sight.record(row)
    if record is None:
        return None
    return RecordOut.model_validate(
        dict(record) | {"caller": sight.caller(row), "identity_withheld": sight.identity_hidden(row)}
    )


def routing_out(row: CaseRow, city: City, language: str) -> RoutingOut | None:
    if row.unit is None or row.rule is None or row.version is None:
        return None
    return RoutingOut(
        unit=row.unit,
        unit_name=city.unit_name(row.unit, language),
        district=row.unit_district,
        rule=row.rule,
        version=row.version,
        reason=json.loads(row.reason or "{}"),
        bounces=row.bounces,
    )


def cluster_out(found: Cluster | None, city: City, language: str) -> ClusterOut | None:
    if found is None:
        return None
    owed = None if found.amount_owed_fen is None else found.amount_owed_fen / 100
    named = city.level_name(found.level, language) if found.level else None
    return ClusterOut(
        over=found.over, callers=found.callers, workers=found.workers, amount_owed=owed, days=found.days,
        level=found.level, level_name=named,
    )  # fmt: skip


def outcome_out(row: CaseRow) -> OutcomeOut | None:
    if row.outcome is None:
        return None
    recovered = None if row.amount_recovered_fen is None else row.amount_recovered_fen / 100
    return OutcomeOut(outcome=row.outcome, resolved=bool(row.resolved), amount_recovered=recovered)
