"""Two supervisors write at once: the second is told, nothing is lost; and editions begin at their time."""

from datetime import timedelta

import pytest

from tests.places import Place
from tests.router.chief import TO_CITY, desk
from tests.router.hall import hall
from tests.router.office import JIANGNING
from tests.router.office import place as district


async def test_of_two_who_edit_one_draft_the_second_is_told_and_nothing_is_lost(place: Place) -> None:
    async with hall(place.folder, place=place) as h:
        first, second = await desk(h, "first"), await desk(h, "second")
        draft, tag = await first.draft()
        path, units = f"/{draft['number']}", draft["units"]
        mine = await first.call("PUT", path, tag, note="mine", rules=draft["rules"] + "# mine\n", units=units)
        assert mine.status_code == 200
        late = await second.call(
            "PUT", path, tag, note="late", rules=draft["rules"] + "# late\n", units=units
        )
        assert (late.status_code, late.json()["type"]) == (412, "/problems/edition-changed")
        kept = (await second.call("GET", path)).json()
        assert (kept["note"], kept["edited_by"], kept["rules"][-7:]) == ("mine", "first", "# mine\n")
        blind = await second.call("PUT", path, note="x", rules="", units="")
        assert blind.status_code == 428


async def test_a_draft_of_an_older_edition_is_activated_only_after_it_was_rebased(place: Place) -> None:
    async with hall(place.folder, place=place) as h:
        d = await desk(h)
        slow, slow_tag = await d.edited()
        units = slow["units"].replace('phone = "122"', 'phone = "025-122122122"[:0]').replace("[:0]", "")
        quick, quick_tag = await d.edited(
            slow["rules"].replace(TO_CITY, ""), units.replace("-122122122", "-12212212")
        )
        assert quick["problems"] == []
        assert (await d.call("POST", f"/{quick['number']}/activate", quick_tag)).status_code == 200
        late = await d.call("POST", f"/{slow['number']}/activate", slow_tag)
        assert (late.status_code, late.json()["type"]) == (409, "/problems/edition-outdated")
        rebased = await d.call("POST", f"/{slow['number']}/rebase", slow_tag)
        assert rebased.json()["base"] == quick["number"]
        assert "025-12212212" in rebased.json()["units"]
        assert "big-cases" in rebased.json()["rules"]
        done = await d.call("POST", f"/{slow['number']}/activate", rebased.headers["etag"])
        assert done.status_code == 200


async def test_an_edition_begins_at_its_time_and_can_be_taken_back_before(place: Place) -> None:
    async with hall(place.folder, place=place) as h:
        d = await desk(h)
        draft, tag = await d.edited()
        path = f"/{draft['number']}"
        at = (h.office.clock.at + timedelta(hours=2)).isoformat()
        scheduled = await d.call("POST", f"{path}/activate", tag, effective_at=at)
        assert (scheduled.status_code, scheduled.json()["in_force"]) == (200, False)
        back = await d.call("POST", f"{path}/withdraw", scheduled.headers["etag"])
        assert back.json()["stage"] == "draft"
        again = await d.call("POST", f"{path}/activate", back.headers["etag"], effective_at=at)
        assert again.status_code == 200
        case = h.case(work=district(JIANGNING), workers_affected=23)
        (said,) = await h.office.hear(case)
        assert said.unit == "inspection-jiangning"  # type: ignore[attr-defined]
        h.office.clock.forward(hours=2)
        await h.turn()
        (said,) = await h.office.hear(h.case(work=district(JIANGNING), workers_affected=23))
        assert said.unit == "inspection-nanjing"  # type: ignore[attr-defined]
        assert (await d.call("POST", f"{path}/withdraw", again.headers["etag"])).status_code == 409


async def test_an_edition_cannot_begin_in_the_past_or_before_one_that_is_scheduled(place: Place) -> None:
    async with hall(place.folder, place=place) as h:
        d = await desk(h)
        draft, tag = await d.edited()
        past = (h.office.clock.at - timedelta(minutes=1)).isoformat()
        early = await d.call("POST", f"/{draft['number']}/activate", tag, effective_at=past)
        assert (early.status_code, early.json()["type"]) == (422, "/problems/edition-too-early")
        later = (h.office.clock.at + timedelta(days=1)).isoformat()
        assert (
            await d.call("POST", f"/{draft['number']}/activate", tag, effective_at=later)
        ).status_code == 200
        other, tag = await d.edited((await d.draft())[0]["rules"] + "# x\n")
        early = await d.call("POST", f"/{other['number']}/activate", tag)
        assert early.json()["type"] == "/problems/edition-too-early"


@pytest.mark.parametrize(
    "path",
    [
        "/99999999999999999999",
        "/2147483648",
        "/0",
        "/x",
        "?below=99999999999999999999",
        "/1/dry-run/cases?after=9999999999",
    ],
)
async def test_numbers_that_nobody_gave_are_refused(path: str, place: Place) -> None:
    async with hall(place.folder, place=place) as h:
        assert (await (await desk(h)).call("GET", path)).status_code == 422
        assert (await (await desk(h)).call("GET", "/2147483647")).status_code == 404
