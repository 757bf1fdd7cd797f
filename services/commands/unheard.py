"""What somebody has not heard yet: the positions of all services, held against one service's outbox."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from services.kernel import parked
from services.kernel.outbox import Span
from services.kernel.position import heard_of
from services.kernel.sql import Look

Ends = dict[UUID, int]  # of each case, the last event that all have heard


class Known:
    """How far one service has come with some cases: what it has heard, and what is parked there."""

    def __init__(
        self, heard: Mapping[UUID, Mapping[str, int]], waiting: Collection[tuple[UUID, str, int]]
    ) -> None:
        self._heard, self._waiting = heard, waiting

    def last(self, case: UUID, source: str) -> int:
        """The last of the source's events that it need not hear again."""
        number = self._heard.get(case, {}).get(source, 0)
        while (case, source, number + 1) in self._waiting:
            number += 1
        return number


def known_of(look: Look, cases: Collection[UUID]) -> Known:
    return Known(heard_of(look, cases), parked.numbers_of(look, cases))


def unheard(source: str, spans: Iterable[Span], others: Sequence[Known]) -> Ends:
    """The cases of which one of the `others` has not heard all that the source said."""
    ends = {span.case_id: _all_heard(source, span, others) for span in spans}
    return {span.case_id: ends[span.case_id] for span in spans if ends[span.case_id] < span.last}


def lost(source: str, span: Span, others: Sequence[Known]) -> int:
    """How many events of this case one of them has not heard and nobody holds any more."""
    return max(0, span.first - 1 - _all_heard(source, span, others))


def _all_heard(source: str, span: Span, others: Sequence[Known]) -> int:
    return min(other.last(span.case_id, source) for other in others)
