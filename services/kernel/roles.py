"""Who may do what: roles as a table that an official can check, and the principal of a request."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

_AGENT: Final = frozenset({
    "case.create", "case.read", "case.read.all", "case.correct", "case.note",
    "case.answer", "case.attach", "case.close", "case.merge", "case.reopen", "case.split", "case.take",
    "callback.read", "callback.write", "clock.read", "clock.pause", "alert.read", "alert.acknowledge",
})  # fmt: skip
_SUPERVISOR: Final = _AGENT | {
    "case.reveal",
    "routing.read",
    "routing.decide",
    "routing.rules",
    "board.read",
    "task.read",
    "task.read.all",
    "sms.read",
}
_OPERATOR: Final = frozenset({
    "operations.read", "parked.read", "parked.write", "delivery.read", "delivery.write",
    "unit.read", "unit.write", "sms.read", "metrics.read",
})  # fmt: skip

ROLES: Final[Mapping[str, frozenset[str]]] = {
    "agent": _AGENT,  # 话务员: all cases
    "supervisor": _SUPERVISOR,  # 班长: also routing decisions and rules, and names behind a report's seal
    "operator": _OPERATOR,  # 运维: parked messages, units, deliveries; no case contents
    "officer": frozenset(
        {
            "task.read",
            "task.write",
            "clock.read",
            "clock.pause",
            "alert.read",
            "alert.acknowledge",
        }
    ),  # 承办人: tasks, clocks and alarms of the own units
    "approver": frozenset(
        {
            "case.read",
            "case.read.all",
            "clock.read",
            "clock.extend",
            "board.read",
        }
    ),  # 负责人: approves more time (劳动保障监察条例 art 17)
    "machine": frozenset({"case.create", "case.read"}),  # another system: its own cases
    "monitor": frozenset({"metrics.read"}),
}
PERMISSIONS: Final = frozenset().union(*ROLES.values())


@dataclass(frozen=True, slots=True)
class Principal:
    """Who makes a request. `units`: ids of the units whose tasks they may see; empty for most roles.

    `name` is a login or a client's name, never a person's own name.
    """

    name: str
    role: str
    kind: Literal["person", "machine"]
    units: tuple[str, ...] = ()
    staff_number: str | None = None

    def may(self, permission: str) -> bool:
        return permission in ROLES.get(self.role, frozenset())

    def holds(self, unit: str) -> bool:
        """Whether the tasks of this unit are theirs to see; what is not is answered with 404."""
        return unit in self.units or self.may("task.read.all")

    @property
    def by(self) -> str:
        """What goes into an event's `by`: the staff number (工号), else the login or client name."""
        return self.staff_number or self.name
