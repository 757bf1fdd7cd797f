"""What a unit hears of a case that it has already: the caller rang again, the case is one of many.

The task's history shows it. A unit with a system of its own is told there as well:

    POST {endpoint}/tasks/{key}/news   {"news", "task", "type", "at", "text"?, "recording_ref"?, "channel"?,
                                        "cluster"?}      2xx: it has it

Signed as a task is; `news` is the Idempotency-Key of every try. In a shared folder it is a file in `news/`.
Nobody's task moves by it.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast
from urllib.parse import quote

from services.domain.clusters import Cluster
from services.domain.event import Code, TaskSealed
from services.domain.events import CallAttached, ClusterAlarmed, ClusterJoined, Event, TaskUndeliverable
from services.domain.sealing import Sealed
from services.kernel.delivery import ledger
from services.kernel.messages import CallFailed, Delivery, Message, Request
from services.kernel.partner.answers import require_success
from services.kernel.tasks.folder import Folder
from services.kernel.tasks.sending import Sender, lay_down
from services.kernel.tasks.standing import TASKS, Standing, tasks_of
from services.kernel.tasks.steps import remember
from services.kernel.tx import Tx
from services.kernel.webhooks import sign

SETTLING: Final = timedelta(minutes=1)  # for a task that is on its way itself
News = CallAttached | ClusterAlarmed | ClusterJoined
TYPES: Final = {
    CallAttached: "call.attached", ClusterAlarmed: "cluster.alarmed", ClusterJoined: "cluster.alarmed",
}  # fmt: skip


class SendNews(Request):
    """Tell the unit's system of the task `task`. `note`, `recording`: sealed, as CallAttached has them."""

    unit: str
    task: str
    type: str
    at: datetime
    channel: Code | None = None
    note: TaskSealed | None = None
    recording: TaskSealed | None = None
    cluster: Cluster | None = None


def hear_news(event: News, tx: Tx) -> Iterable[Message]:
    """The unfinished tasks of the case have it in their history, their units' systems are told."""
    for known in tasks_of(tx, event.case_id):
        row = TASKS.get(tx, known.key)
        if row is None or row.finished_at is not None:
            continue
        _remember(row, event)
        if row.via != "worklist":
            waits = row.delivered_at is None
            yield _news(event, row, str(tx.new_id()), tx.now + SETTLING if waits else None)


def cluster_in(event: ClusterAlarmed | ClusterJoined) -> Cluster:
    return Cluster.model_validate(event.model_dump(exclude={"cluster"}))


def _remember(row: Standing, event: News) -> None:
    remember(row, event)
    if not isinstance(event, CallAttached):
        row.cluster = cluster_in(event).model_dump_json()


def _news(event: News, row: Standing, key: str, not_before: datetime | None) -> SendNews:
    given: dict[str, object] = {
        "case_id": event.case_id, "key": key, "destination": row.unit, "unit": row.unit, "task": row.key,
        "type": TYPES[type(event)], "at": event.at, "not_before": not_before,
    }  # fmt: skip
    if isinstance(event, CallAttached):
        said = {"channel": event.channel.value, "note": event.note, "recording": event.recording}
        return SendNews.model_validate(given | said)
    return SendNews.model_validate(given | {"cluster": cluster_in(event)})


@dataclass(frozen=True)
class NewsSender:
    """Speaks to the units' systems as `sender` does."""

    sender: Sender

    async def send(self, delivery: Delivery) -> Sequence[Event]:
        """Caller of SendNews."""
        news, sender = cast(SendNews, delivery.request), self.sender
        partner = sender.partners.of(news.unit)
        if partner.via == "worklist":
            raise CallFailed("no_endpoint", permanent=True)
        body = json.dumps(self._body(news), ensure_ascii=False, separators=(",", ":")).encode()
        if partner.folder is not None:
            await lay_down(Folder(partner.folder, "news"), f"{news.task}.{news.key}", body)
            return ()
        signature = sign(sender.keyring.partner_secrets(news.unit), news.key, sender.around.now(), body)
        headers = {
            "accept": "application/json", "content-type": "application/json",
            "idempotency-key": f'"{news.key}"', **signature,
        }  # fmt: skip
        path = f"{partner.endpoint}/tasks/{quote(news.task, safe='')}/news"
        require_success(await sender.http.call("POST", path, allow=partner.allow, headers=headers, body=body))
        return ()

    def _body(self, news: SendNews) -> dict[str, object]:
        said = {
            "text": self._open(news, "note"), "recording_ref": self._open(news, "recording"),
            "channel": news.channel, "cluster": news.cluster and news.cluster.model_dump(),
        }  # fmt: skip
        known = {"news": news.key, "task": news.task, "type": news.type, "at": news.at.isoformat()}
        return known | {name: value for name, value in said.items() if value is not None}

    def _open(self, news: SendNews, field: str) -> str | None:
        sealed = getattr(news, field)
        try:
            return None if sealed is None else self.sender.keyring.open(sealed, news.case_id, field)
        except Sealed:
            raise CallFailed("unsealable", permanent=True) from None


def give_up_news(delivery: Delivery, reason: str, tx: Tx) -> Iterable[Message]:
    """The unit's system does not take it: somebody tells the unit. Its task stands as it did."""
    news = cast(SendNews, delivery.request)
    status, _ = ledger.last_answer(tx, delivery)
    yield TaskUndeliverable(
        case_id=news.case_id, at=tx.now, unit=news.unit, task=news.task, reason=reason, status=status
    )
