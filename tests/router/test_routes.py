"""The API: held cases, a supervisor's decision, the explanation."""

import asyncio
from pathlib import Path

import pytest

from services.kernel.roles import ROLES
from services.router.queue import After
from tests.router.hall import TEXT, hall
from tests.router.office import BRIGADE, JIANGNING, OTHER_BRIGADE, place

DECISION = {"unit": BRIGADE, "reason": "用工地在江宁，已核实"}


async def test_urgent_cases_come_first_and_then_those_that_wait_longest(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        waiting = []
        for urgent in (False, True, False, True, False):
            waiting.append(str((await h.held(urgent=urgent)).case_id))
            h.office.clock.forward(minutes=5)
        await h.office.hear(h.office.received())  # routed: not in the list
        supervisor, seen, cursor = await h.front.bearer("supervisor"), [], None
        for _ in range(3):
            query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
            page = (await h.client.get("/api/routing/held", params=query, headers=supervisor)).json()
            seen += [case["case_id"] for case in page["cases"]]
            cursor = page["next"]
        assert seen == [waiting[n] for n in (1, 3, 0, 2, 4)]
        assert cursor is None


async def test_a_held_case_says_why_and_by_which_facts(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        case = await h.held()
        headers = await h.front.bearer("supervisor") | {"accept-language": "en"}
        (held,) = (await h.client.get("/api/routing/held", headers=headers)).json()["cases"]
        assert (held["number"], held["reason"]) == (case.number, "unsure_district")
        assert held["reason_text"] == "the district is not certain"
        assert held["facts"]["rule"] == "wage-place-unknown"
        assert TEXT not in str(held)


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "eA",
        "MSAyMDI2LTAxLTAxIHg",
        "MSAyMDI2LTAxLTAxVDAwOjAwIDAxOTgwYTNjLTZkMmUtN2M0MS05YjVmLTJmNGE2YzhlMGQxMw",
        "中",
    ],
)
async def test_a_foreign_page_mark_is_refused(cursor: str, tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        headers = await h.front.bearer("supervisor")
        answer = await h.client.get("/api/routing/held", params={"cursor": cursor}, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/bad-cursor")


async def test_a_page_mark_survives_being_written_down(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        after = After(True, h.office.clock.at, (await h.held()).case_id)
        assert After.read(after.cursor()) == after


async def test_a_supervisor_sends_a_held_case_to_a_unit(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        case = await h.held(urgent=True)
        headers = await h.front.bearer("supervisor", "chief")
        answer = await h.client.post(f"/api/routing/{case.case_id}/decide", json=DECISION, headers=headers)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert (body["state"], body["unit"]) == ("routed", BRIGADE)
        last = body["decisions"][-1]
        assert (last["rule"], last["by"], last["district"], last["urgency"]) == (
            "person", "chief", JIANGNING, "urgent",
        )  # fmt: skip
        assert last["facts"] == {"held": "unsure_district"}
        assert (await h.client.get("/api/routing/held", headers=headers)).json()["cases"] == []


async def test_the_supervisors_words_are_kept_sealed(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        case = await h.held()
        headers = await h.front.bearer("supervisor")
        answer = await h.client.post(f"/api/routing/{case.case_id}/decide", json=DECISION, headers=headers)
        assert "已核实" not in answer.text
        note = (await h.office.decisions(case.case_id))[-1].note
        assert note is not None
        assert h.keyring.open(note, case.case_id, "note") == DECISION["reason"]
        assert "已核实".encode() not in (tmp_path / "router.db").read_bytes()


async def test_a_supervisor_may_overrule_a_unit_that_objected(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        case = h.case(work=place(JIANGNING))
        await h.office.hear(case)
        await h.office.hear(h.office.objected(case, proposed=OTHER_BRIGADE))
        await h.office.hear(h.office.objected(case, OTHER_BRIGADE, BRIGADE))
        await h.office.hear(
            h.office.objected(case, "inspection-nanjing")
        )  # the superior does not know either
        headers = await h.front.bearer("supervisor")
        answer = await h.client.post(f"/api/routing/{case.case_id}/decide", json=DECISION, headers=headers)
        assert (answer.status_code, answer.json()["bounces"]) == (200, 2)


async def test_of_two_supervisors_at_once_the_second_is_told(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        case = await h.held()
        headers = await h.front.bearer("supervisor")
        path = f"/api/routing/{case.case_id}/decide"
        answers = await asyncio.gather(
            *(
                h.client.post(path, json={"unit": unit, "reason": "x"}, headers=headers)
                for unit in (BRIGADE, OTHER_BRIGADE)
            )
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        (late,) = (answer for answer in answers if answer.status_code == 409)
        assert late.json()["type"] == "/problems/case-not-held"
        assert len(await h.office.decisions(case.case_id)) == 2


@pytest.mark.parametrize(
    ("body", "slug"),
    [
        ({"unit": "inspection-atlantis", "reason": "x"}, "unknown-unit"),
        ({"unit": BRIGADE, "reason": "  "}, "invalid-request"),
        ({"unit": BRIGADE, "reason": "x" * 501}, "invalid-request"),
        ({"unit": BRIGADE}, "invalid-request"),
        ({"unit": BRIGADE, "reason": "x", "force": True}, "invalid-request"),
    ],
)
async def test_a_decision_that_cannot_be_taken_is_refused(
    body: dict[str, object], slug: str, tmp_path: Path
) -> None:
    async with hall(tmp_path) as h:
        case = await h.held()
        headers = await h.front.bearer("supervisor")
        answer = await h.client.post(f"/api/routing/{case.case_id}/decide", json=body, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (422, f"/problems/{slug}")
        assert (await h.office.case(case.case_id)).state == "held"


async def test_a_case_that_is_not_held_or_not_there_cannot_be_decided(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        routed = h.case(work=place(JIANGNING))
        await h.office.hear(routed)
        headers = await h.front.bearer("supervisor")
        for case_id, status in ((routed.case_id, 409), (h.office.around.new_id(), 404)):
            answer = await h.client.post(f"/api/routing/{case_id}/decide", json=DECISION, headers=headers)
            assert answer.status_code == status


@pytest.mark.parametrize("role", sorted(ROLES))
async def test_each_role_may_do_what_its_row_says(role: str, tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        case = await h.held()
        headers = await h.front.bearer(role)
        rights = ROLES[role]
        read = await h.client.get("/api/routing/held", headers=headers)
        why = await h.client.get(f"/api/cases/{case.case_id}/routing", headers=headers)
        sent = await h.client.post(f"/api/routing/{case.case_id}/decide", json=DECISION, headers=headers)
        assert [answer.status_code for answer in (read, why, sent)] == [
            200 if right in rights else 403 for right in ("routing.read", "case.read.all", "routing.decide")
        ]


async def test_nobody_decides_without_signing_in(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        case = await h.held()
        answer = await h.client.post(f"/api/routing/{case.case_id}/decide", json=DECISION)
        assert answer.status_code == 401
