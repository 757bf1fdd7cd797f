"""Which of many rules may fit a case at all, found by a few look-ups instead of asking every rule.

For each fact with few values (kind, district, hour, …) and each of its values one number: a bit for every
rule that lets the value through. All facts' numbers together leave the rules that are worth asking.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from services.domain.routing_facts import Value, Values

Check = Callable[[Value], bool]
Checks = Sequence[tuple[str, Check]]
FEW_VALUES: Final = (
    "kind", "report_type", "urgent", "channel", "work_district", "work_in_doubt", "employer_district",
    "residence_district", "cluster", "work_time", "workday", "hour",
)  # fmt: skip


class Sieve:
    """`rules`: the checks of each rule, in the order of the rules."""

    def __init__(self, rules: Sequence[Checks]) -> None:
        self._all = (1 << len(rules)) - 1
        self._checks: Mapping[str, Sequence[tuple[int, Check]]] = {
            field: [(n, check) for n, checks in enumerate(rules) for name, check in checks if name == field]
            for field in FEW_VALUES
        }
        self._fields = tuple(field for field in FEW_VALUES if self._checks[field])
        self._known: dict[str, dict[Value, int]] = {field: {} for field in self._fields}

    def candidates(self, values: Values) -> Iterator[int]:
        """The places of the rules that may fit, in their order."""
        left = self._all
        for field in self._fields:
            value = values[field]
            passed = self._known[field].get(value)
            left &= self._learn(field, value) if passed is None else passed
        while left:
            lowest = left & -left
            yield lowest.bit_length() - 1
            left ^= lowest

    def _learn(self, field: str, value: Value) -> int:
        passed = self._all
        for place, check in self._checks[field]:
            if not _may_pass(check, value):
                passed &= ~(1 << place)
        self._known[field][value] = passed
        return passed


def _may_pass(check: Check, value: Value) -> bool:
    """A check that fails passes here: it fails again when its rule is asked, and the case is held."""
    try:
        return check(value)
    except Exception:
        return True
