"""When a person takes over: refusals, deadlines, urgency, a partner that is gone. Each is told once."""

from services.kernel.delivery.watch import watch
from services.kernel.messages import CallFailed
from tests.kernel.delivery.desk import KINDS, Desk, fail, look, reasons, try_and_fail

REFUSED = CallFailed("http_422", permanent=True, status=422)


async def test_a_refusal_is_tried_three_times_and_then_a_person_hears_of_it_once(desk: Desk) -> None:
    key = await desk.open()
    await try_and_fail(desk, REFUSED, minutes=10)
    await try_and_fail(desk, REFUSED, minutes=40)
    assert await reasons(desk) == []
    await try_and_fail(desk, REFUSED, hours=100)
    assert (await desk.row(key)).state == "refused"
    await look(desk)
    assert await reasons(desk) == ["refused"]


async def test_what_never_became_a_request_goes_to_a_person_at_once(desk: Desk) -> None:
    key = await desk.open()
    await try_and_fail(desk, CallFailed("unsealable", permanent=True))
    assert ((await desk.row(key)).state, await reasons(desk)) == ("refused", ["unsealable"])


async def test_a_deadline_before_the_next_try_ends_automation(desk: Desk) -> None:
    key = await desk.open(give_up_at=desk.clock.at.replace(minute=1))
    await try_and_fail(desk, CallFailed("http_503", status=503, retry_after=61))
    assert ((await desk.row(key)).state, await reasons(desk)) == ("expired", ["given_up"])


async def test_a_deadline_that_passes_while_nothing_can_be_sent_ends_automation(desk: Desk) -> None:
    key = await desk.open()
    desk.clock.forward(hours=76)
    await look(desk)
    assert ((await desk.row(key)).state, await reasons(desk)) == ("expired", ["given_up"])


async def test_an_urgent_one_is_told_to_a_person_after_half_an_hour_and_goes_on(desk: Desk) -> None:
    key = await desk.open(urgent=True)
    await try_and_fail(desk, CallFailed("http_503", status=503, retry_after=1800), minutes=29)
    await look(desk)
    assert await reasons(desk) == []
    desk.clock.forward(minutes=1)
    found = await desk.claim()
    for row_id in found.overdue:
        await desk.store.run(lambda tx, one=row_id: watch(tx, KINDS, one))  # type: ignore[misc]
    assert await reasons(desk) == ["urgent_overdue"]
    assert await fail(desk, found.sends[0], REFUSED)
    desk.clock.forward(hours=76)
    await look(desk)
    assert (await desk.row(key)).state == "expired"
    assert await reasons(desk) == ["urgent_overdue"]


async def test_410_hands_everything_for_that_destination_to_a_person(desk: Desk) -> None:
    keys = [await desk.open() for _ in range(2)]
    elsewhere = await desk.open("xuanwu")
    found = (await desk.claim(limit=1)).sends
    assert await fail(desk, found[0], CallFailed("http_410", permanent=True, gone=True, status=410))
    await look(desk)
    assert [(await desk.row(key)).state for key in keys] == ["refused", "refused"]
    assert await reasons(desk) == ["gone", "gone"]
    assert (await desk.row(elsewhere)).state != "refused"
