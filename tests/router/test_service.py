"""The wired service behind the kernel's consumer: once per event, in one transaction with what leaves."""

from pathlib import Path
from uuid import UUID

from services.domain.events import CaseRouted, Event
from services.kernel import outbox
from services.kernel.consume import Consumer
from services.kernel.eventlog import Entry, Record
from services.kernel.service import Service
from tests.router.hall import TEXT, Hall, hall
from tests.router.office import JIANGNING, OTHER_BRIGADE, place


def record(event: Event, source: str, seq: int) -> Record:
    body = event.model_dump_json().encode()
    return Record(str(UUID(int=seq)), type(event).__name__, source, event.case_id, seq, "", body)


async def _apply(consumer: Consumer, *records: Record) -> None:
    await consumer.apply([Entry(0, n, one) for n, one in enumerate(records)])


async def _left(h: Hall) -> list[Record]:
    return await h.office.store.run(lambda tx: outbox.unpublished(tx, "router", 99))


async def test_events_that_come_again_after_a_restart_route_nothing_twice(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        case = h.case(work=place(JIANGNING))
        service = Service("router", h.office.store, h.office.handlers)
        heard = [
            record(case, "intake", 1),
            record(h.office.objected(case, proposed=OTHER_BRIGADE), "inspection_adapter", 1),
        ]
        for _ in range(3):
            consumer = Consumer(service)
            await _apply(consumer, *heard)
            await _apply(consumer, *heard, *heard)
        left = await _left(h)
        assert [(one.type, one.seq) for one in left] == [("CaseRouted", 1), ("CaseRouted", 2)]
        units = [CaseRouted.model_validate_json(one.body).unit for one in left]
        assert units == ["inspection-jiangning", OTHER_BRIGADE]


async def test_nothing_that_leaves_the_router_can_be_read(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        case = await h.held(employer_name="某某建筑公司")
        headers = await h.front.bearer("supervisor")
        body = {"unit": OTHER_BRIGADE, "reason": "李某 13800138000 已核实"}
        answer = await h.client.post(f"/api/routing/{case.case_id}/decide", json=body, headers=headers)
        assert answer.status_code == 200
        left = await _left(h)
        assert [one.type for one in left] == ["CaseHeld", "CaseRouted", "NoteAdded"]
        for one in left:
            text = one.body.decode()
            assert not any(personal in text for personal in ("李某", "13800138000", TEXT, "某某建筑"))
