"""The rule book: drafted, checked, activated, and explained for ever."""

from tests.places import Place
from tests.router.chief import TO_CITY, Desk, desk, with_rule
from tests.router.hall import hall
from tests.router.office import JIANGNING, XUANWU
from tests.router.office import place as district


async def test_the_city_folder_is_the_first_edition(place: Place) -> None:
    async with hall(place.folder, place=place) as h:
        page = (await (await desk(h)).call("GET", "")).json()
        (first,) = page["editions"]
        assert (first["number"], first["in_force"], first["author"]) == (1, True, "city")
        assert first["version"] == h.office.desk.rules.version
        assert page["in_force"] == 1


async def test_a_draft_changes_nothing_until_it_is_activated_and_old_decisions_keep_their_words(
    place: Place,
) -> None:
    async with hall(place.folder, place=place) as h:
        d = await desk(h)
        draft, tag = await d.edited()
        assert draft["problems"] == []
        big = [h.case(work=district(JIANGNING), workers_affected=23) for _ in range(2)]
        (before,) = await h.office.hear(big[0])
        answer = await d.call("POST", f"/{draft['number']}/activate", tag)
        assert answer.status_code == 200, answer.text
        assert (answer.json()["in_force"], answer.json()["activated_by"]) == (True, "chief")
        (after,) = await h.office.hear(big[1])
        assert [before.unit, after.unit] == ["inspection-jiangning", "inspection-nanjing"]  # type: ignore[attr-defined]
        said = h.office.desk.rules.version
        assert (before.version, after.version) == (said, f"{said}.2")  # type: ignore[attr-defined]
        told = [
            (await h.client.get(f"/api/cases/{case.case_id}/routing", headers=d.headers)).json()["decisions"][
                0
            ]
            for case in big
        ]
        assert "欠薪由用工所在地的区劳动保障监察大队管辖" in told[0]["zh"]
        assert told[1]["zh"] == (
            "已分派给南京市劳动保障监察支队（一般）。欠薪二十人以上的由市支队办理。"
            "依据：类型 拖欠工资，涉及人数 23。"
        )
        assert "Twenty or more workers: the city brigade" in told[1]["en"]


async def test_a_draft_with_mistakes_is_kept_and_every_mistake_is_named_with_its_line(place: Place) -> None:
    async with hall(place.folder, place=place) as h:
        d = await desk(h)
        draft, tag = await d.draft()
        bad = with_rule(draft["rules"]).replace('unit = "inspection-nanjing"', 'unit = "inspection-atlantis"')
        bad = bad.replace('kind = "social_help"', 'kind = "rescue"').replace(
            'id = "by-hand"', 'id = "by-hand'
        )
        answer = await d.call("PUT", f"/{draft['number']}", tag, note="x", rules=bad, units=draft["units"])
        assert (answer.status_code, answer.json()["rules"]) == (200, bad)
        lines = bad.splitlines()
        for found in answer.json()["problems"]:
            assert found["file"] == "rules.toml"
        named = {lines[one["line"] - 1]: one["en"] for one in answer.json()["problems"]}
        assert "no unit inspection-atlantis" in named["[[rule]]"]
        assert "Input should be" in named['when = { kind = "rescue" }']
        assert "is not TOML" in named['id = "by-hand']
        refused = await d.call("POST", f"/{draft['number']}/activate", answer.headers["etag"])
        assert (refused.status_code, refused.json()["type"]) == (422, "/problems/edition-faulty")
        assert len(refused.json()["errors"]) == 3
        assert (await d.call("GET", "")).json()["in_force"] == 1


async def test_the_difference_shows_what_was_added(place: Place) -> None:
    async with hall(place.folder, place=place) as h:
        d = await desk(h)
        draft, _ = await d.edited()
        (file,) = (await d.call("GET", f"/{draft['number']}/difference")).json()["files"]
        added = [line["text"] for line in file["lines"] if line["sign"] == "new"]
        assert (file["file"], "\n".join(added).strip()) == ("rules.toml", TO_CITY.strip())


async def test_a_unit_cannot_be_deleted(place: Place) -> None:
    async with hall(place.folder, place=place) as h:
        d = await desk(h)
        draft, _ = await d.draft()
        units = draft["units"].replace('id = "inspection-nanjing"', 'id = "inspection-capital"')
        units = units.replace('superior = "inspection-nanjing"', 'superior = "inspection-capital"')
        edited, _ = await d.edited(draft["rules"], units)
        assert [(one["entry"], one["en"][:26]) for one in edited["problems"]] == [
            ("inspection-nanjing", "a unit cannot be deleted: ")
        ]


async def test_only_supervisors_write_and_nobody_reads_without_the_right(place: Place) -> None:
    async with hall(place.folder, place=place) as h:
        for role, reads, writes in (("agent", 403, 403), ("operator", 403, 403), ("supervisor", 200, 201)):
            d = Desk(h, await h.front.bearer(role, role))
            assert (await d.call("GET", "")).status_code == reads
            assert (await d.call("POST", "", note="x")).status_code == writes


async def test_a_case_at_0030_is_of_the_new_day_by_the_citys_clock(place: Place) -> None:
    """23:30 and 00:30 in Nanjing are 15:30 and 16:30 UTC, both 30 September there (F11)."""
    async with hall(place.folder, place=place) as h:
        d = await desk(h)
        draft, _ = await d.draft()
        night = TO_CITY.replace("workers_affected = { min = 20 }", "date = { first = 2026-10-01 }")
        head, rest = draft["rules"].split("[[rule]]", 1)
        edited, tag = await d.edited(f"{head}{night}[[rule]]{rest}")
        assert edited["problems"] == []
        assert (await d.call("POST", f"/{edited['number']}/activate", tag)).status_code == 200
        h.office.clock.forward(minutes=30)
        (before,) = await h.office.hear(h.case(work=district(XUANWU)))
        h.office.clock.forward(hours=1)
        (after,) = await h.office.hear(h.case(work=district(XUANWU)))
        assert [before.unit, after.unit] == ["inspection-xuanwu", "inspection-nanjing"]  # type: ignore[attr-defined]
        assert after.reason == {"kind": "wage_arrears", "date": "2026-10-01"}  # type: ignore[attr-defined]
