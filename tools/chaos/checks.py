"""The predicates I1 to I20 and the times R1 to R3, each a function of the evidence alone."""

from collections.abc import Callable, Mapping
from typing import Final

from tools.chaos import (
    check_cases,
    check_deliveries,
    check_events,
    check_outside,
    check_recovery,
    check_time,
)
from tools.chaos.evidence import Evidence
from tools.chaos.finding import Finding

Check = Callable[[Evidence], Finding]

CHECKS: Final[Mapping[str, tuple[str, Check]]] = {
    "I1": ("every answered case exists, none was invented", check_cases.exist),
    "I2": ("one case for each key", check_cases.one_for_each_key),
    "I3": ("outbox numbers without a hole", check_events.contiguous),
    "I4": ("the log holds what the outboxes hold", check_events.published),
    "I5": ("every event applied exactly once, or parked", check_events.applied_once),
    "I6": ("events applied in order", check_events.in_order),
    "I7": ("tasks delivered, each with one effect", check_deliveries.tasks),
    "I8": ("text messages: each once, to the right number", check_deliveries.texts),
    "I9": ("poison contained, and gone after the fix", check_events.poison),
    "I10": ("one dead partner slows nobody else", check_time.dead_partner),
    "I11": ("nothing written with an old fence", check_deliveries.fences),
    "I12": ("call-backs applied once, ends are final", check_deliveries.callbacks),
    "I13": ("everything done soon after the last fault", check_time.drained),
    "I14": ("nothing shown out of scope", check_outside.scope),
    "I15": ("canaries readable nowhere", check_outside.canaries),
    "I16": ("erased data unreadable", check_outside.erased),
    "I17": ("the audit chain verifies", check_outside.audit),
    "I18": ("offsets never fall", check_time.offsets),
    "I19": ("memory and files back to the baseline", check_time.resources),
    "I20": ("skewed clocks change nothing", check_time.clocks),
    "R1": ("a killed process works again within 10 s", check_recovery.processes),
    "R2": ("the database is back: it flows within 5 s", check_recovery.database),
    "R3": ("the broker is back: it flows within 15 s", check_recovery.broker),
}


def check(evidence: Evidence) -> dict[str, Finding]:
    return {name: look(evidence) for name, (_, look) in CHECKS.items()}
