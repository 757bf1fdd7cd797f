"""A draft is tried on past cases: every one that would go elsewhere is named, and none is touched."""

from collections.abc import Sequence
from typing import Any

from services.router.trier import SLICES
from tests.places import Place
from tests.router.chief import Desk, desk
from tests.router.hall import Hall, hall
from tests.router.office import GULOU, JIANGNING
from tests.router.office import place as district


async def _past(h: Hall, count: int, **fields: object) -> list[str]:
    cases = [h.case(work=district(JIANGNING), **fields) for _ in range(count)]
    await h.office.hear(*cases)
    return [str(case.case_id) for case in cases]


async def _run(h: Hall, d: Desk, draft: dict[str, Any], tag: str, days: int = 30) -> dict[str, Any]:
    asked = await d.call("POST", f"/{draft['number']}/dry-run", tag, days=days)
    assert (asked.status_code, asked.json()["course"]) == (202, "waiting")
    for _ in range(20):
        await h.turn()
        told: dict[str, Any] = (await d.call("GET", f"/{draft['number']}/dry-run")).json()
        if told["course"] not in ("waiting", "running"):
            return told
    raise AssertionError("it does not end")


async def test_a_dry_run_names_every_case_that_would_go_elsewhere_by_unit(place: Place) -> None:
    async with hall(place.folder, place=place) as h:
        d = await desk(h)
        big = await _past(h, 3, workers_affected=23)
        await _past(h, 4)
        await h.office.hear(*(h.case(work=district(GULOU), workers_affected=40) for _ in range(2)))
        before = [await h.office.decisions(h.office.around.new_id())]
        draft, tag = await d.edited()
        told = await _run(h, d, draft, tag)
        assert (told["course"], told["total"], told["seen"], told["changed"]) == ("done", 9, 9, 5)
        assert [(one["was"], one["now"], one["cases"]) for one in told["moves"]] == [
            ("inspection-jiangning", "inspection-nanjing", 3), ("inspection-gulou", "inspection-nanjing", 2),
        ]  # fmt: skip
        move = "?was=inspection-jiangning&now=inspection-nanjing"
        page = (await d.call("GET", f"/{draft['number']}/dry-run/cases{move}")).json()
        assert sorted(one["case_id"] for one in page["cases"]) == sorted(big)
        assert {(one["was_rule"], one["now_rule"]) for one in page["cases"]} == {
            ("wage-by-work-place", "big-cases")
        }
        assert before == [[]]
        for case_id in big:
            answer = await h.client.get(f"/api/cases/{case_id}/routing", headers=d.headers)
            assert (answer.json()["unit"], len(answer.json()["decisions"])) == ("inspection-jiangning", 1)


async def test_only_cases_of_the_last_days_are_looked_at(place: Place) -> None:
    async with hall(place.folder, place=place) as h:
        d = await desk(h)
        await _past(h, 2, workers_affected=23)
        h.office.clock.forward(days=8)
        await _past(h, 1, workers_affected=23)
        draft, tag = await d.edited()
        assert (await _run(h, d, draft, tag, days=7))["changed"] == 1
        assert (await _run(h, d, draft, tag, days=9))["changed"] == 3


async def test_a_case_that_would_be_held_is_told_with_the_reason(place: Place) -> None:
    async with hall(place.folder, place=place) as h:
        d = await desk(h)
        await _past(h, 1)
        draft, _ = await d.draft()
        rules = draft["rules"].replace('to = { service = "inspection", by = "work" }', 'hold = "no_rule"', 1)
        edited, tag = await d.edited(rules)
        (move,) = (await _run(h, d, edited, tag))["moves"]
        assert (move["was"], move["now"]) == ("inspection-jiangning", "held.no_rule")
        assert move["now_name"] == "转人工：没有适用的分派规则"


async def test_a_run_that_was_broken_off_goes_on_where_it_was(place: Place) -> None:
    async with hall(place.folder, place=place) as h:
        d = await desk(h)
        await _past(h, 2 * SLICES + 10, workers_affected=23)
        draft, tag = await d.edited()
        trier = h.trier(slice_size=2)
        assert (await d.call("POST", f"/{draft['number']}/dry-run", tag, days=30)).status_code == 202
        await trier.round()
        told = (await d.call("GET", f"/{draft['number']}/dry-run")).json()
        assert (told["course"], told["seen"]) == ("running", 2 * SLICES)
        await h.trier(slice_size=2).round()  # as another process would
        told = (await d.call("GET", f"/{draft['number']}/dry-run")).json()
        assert (told["course"], told["seen"], told["changed"]) == ("done", 2 * SLICES + 10, 2 * SLICES + 10)


async def test_pages_of_cases_follow_each_other(place: Place) -> None:
    async with hall(place.folder, place=place) as h:
        d = await desk(h)
        big = await _past(h, 5, workers_affected=23)
        draft, tag = await d.edited()
        await _run(h, d, draft, tag)
        seen: list[str] = []
        after: int | None = 0
        while after is not None:
            page = (await d.call("GET", f"/{draft['number']}/dry-run/cases?limit=2&after={after}")).json()
            seen, after = seen + [one["case_id"] for one in page["cases"]], page["next"]
        assert sorted(seen) == sorted(big)


async def test_a_run_can_be_stopped_and_a_second_one_waits_for_the_first(place: Place) -> None:
    async with hall(place.folder, place=place) as h:
        d = await desk(h)
        await _past(h, 2, workers_affected=23)
        draft, tag = await d.edited()
        path = f"/{draft['number']}/dry-run"
        assert (await d.call("POST", path, tag, days=30)).status_code == 202
        busy = await d.call("POST", path, tag, days=30)
        assert (busy.status_code, busy.json()["type"]) == (409, "/problems/dry-run-busy")
        assert (await d.call("DELETE", path)).status_code == 204
        await h.turn()
        assert (await d.call("GET", path)).json()["course"] == "stopped"
        assert (await d.call("DELETE", path)).status_code == 404
        assert (await _run(h, d, draft, tag))["course"] == "done"


async def test_what_a_newer_run_replaced_is_deleted(place: Place) -> None:
    async with hall(place.folder, place=place) as h:
        d = await desk(h)
        await _past(h, 3, workers_affected=23)
        draft, tag = await d.edited()
        for _ in range(3):
            await _run(h, d, draft, tag)
        for _ in range(6):
            await h.turn()
        counts = await h.office.store.read(_rows)
        assert list(counts) == [1, 3]


async def test_a_draft_with_mistakes_is_not_tried_and_an_edit_makes_the_result_outdated(
    place: Place,
) -> None:
    async with hall(place.folder, place=place) as h:
        d = await desk(h)
        draft, tag = await d.edited()
        assert not (await _run(h, d, draft, tag))["outdated"]
        path = f"/{draft['number']}"
        bad = await d.call("PUT", path, tag, note="x", rules="", units=draft["units"])
        refused = await d.call("POST", f"{path}/dry-run", bad.headers["etag"], days=30)
        assert (refused.status_code, refused.json()["type"]) == (422, "/problems/edition-faulty")
        assert (await d.call("GET", f"{path}/dry-run")).json()["outdated"]
        assert (await d.call("POST", f"{path}/dry-run", bad.headers["etag"], days=0)).status_code == 422


def _rows(session: Any) -> Sequence[int]:
    from sqlalchemy import text

    names = ("router_dry_run", "router_dry_run_case")
    return [session.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in names]  # noqa: S608
