"""The conditions of a routing rule, made into predicates once, so that deciding is only comparing."""

from collections.abc import Iterator
from datetime import date

from services.domain.routing_facts import Value
from services.domain.rule_entries import Days, Known, Range, Tags, When
from services.domain.sieve import Check


def checks(when: When) -> Iterator[tuple[str, Check]]:
    """The fields that the rule looks at, each with what must be true of its value."""
    for field in When.model_fields:
        wanted = getattr(when, field)
        if wanted is not None:
            yield field, _check(wanted)


def _check(wanted: object) -> Check:
    match wanted:
        case Known(known=known):
            return lambda value: (value is not None) is known
        case Range(min=low, max=high):
            least, most = low or 0, float("inf") if high is None else high
            return lambda value: isinstance(value, int) and least <= value <= most
        case Days(first=first, last=last):
            begin, end = first or date.min, last or date.max
            return lambda value: isinstance(value, date) and begin <= value <= end
        case Tags():
            return _tags(wanted)
        case tuple():
            allowed = frozenset(wanted)
            return lambda value: value in allowed
        case _:
            return lambda value: value == wanted


def _tags(wanted: Tags) -> Check:
    some, every, never = frozenset(wanted.any), frozenset(wanted.all), frozenset(wanted.none)

    def check(value: Value) -> bool:
        tags = frozenset(value) if isinstance(value, tuple) else frozenset[str]()
        return every <= tags and never.isdisjoint(tags) and (not some or not some.isdisjoint(tags))

    return check
