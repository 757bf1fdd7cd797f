"""More time was approved (延长): the caller hears it, with the reason."""

from collections.abc import Iterator

from services.domain.events import DeadlineExtended
from services.kernel.messages import Message
from services.kernel.tx import Tx
from services.notifier import callbacks
from services.notifier.cases import case_of
from services.notifier.models import Result
from services.notifier.translate import Telling


def tell_extension(event: DeadlineExtended, tx: Tx, telling: Telling) -> Iterator[Message]:
    """More time was approved: the caller hears it, with the reason, where the period's article says so."""
    case = case_of(tx, event.case_id)
    extension = next((one.extension for one in telling.city.clocks if one.id == event.clock), None)
    if case is None or case.contact is None or case.closed or not (extension and extension.notice):
        return
    if case.reach == "sms":
        contact = telling.contact(case.case_id, case.contact)
        yield telling.extended(case, contact, event.due, event.reason, tx)
    elif case.reach == "call":
        callbacks.open_callback(case, Result(about="extension"), callbacks.NUMBER, telling, tx)
