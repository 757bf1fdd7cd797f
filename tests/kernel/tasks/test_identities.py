"""Whose case it is: masked for everybody, opened for a purpose, and every look written down."""

from datetime import timedelta

from services.domain.events import CaseErased
from services.kernel.tasks.reveals import OPEN_FOR, PURPOSES
from tests.kernel.cells import until
from tests.kernel.tasks.kinds import HOME, NAME, PHONE, RECORD, Kind
from tests.kernel.tasks.test_worklist_api import opened
from tests.kernel.tasks.town import town
from tests.places import Place


async def test_an_identity_is_masked_until_a_purpose_is_stated_and_again_after_a_shift(
    place: Place, kind: Kind
) -> None:
    async with town(place, kind) as here:
        key = await opened(here)
        who = await here.officer(units=[kind.unit], name="10543")
        other = await here.officer(units=[kind.unit], name="10544")
        task = f"/api/{kind.service}/tasks/{key}"
        before = (await here.http.get(task, headers=who)).text
        assert all(hidden not in before for hidden in (NAME, PHONE, HOME))
        assert "王**" in before
        assert str(RECORD["text"]) in before
        nothing = await here.http.post(f"{task}/identity", headers=who, json={"purpose": "curious"})
        assert (nothing.status_code, nothing.json()["type"]) == (422, "/problems/unknown-purpose")
        given = await here.http.post(f"{task}/identity", headers=who, json={"purpose": "contact_caller"})
        assert given.json() == {"caller": RECORD["caller"]}
        assert NAME in (await here.http.get(task, headers=who)).text
        assert NAME not in (await here.http.get(task, headers=other)).text
        looks = (await here.http.get(f"{task}/identity", headers=other)).json()
        assert [(one["by"], one["purpose"]) for one in looks] == [("10543", "contact_caller")]
        here.clock.by += OPEN_FOR + timedelta(minutes=1)
        assert NAME not in (await here.http.get(task, headers=who)).text


async def test_nobody_out_of_scope_sees_or_opens_an_identity(place: Place, kind: Kind) -> None:
    async with town(place, kind) as here:
        task = f"/api/{kind.service}/tasks/{await opened(here)}"
        stranger = await here.officer(units=[kind.other], name="stranger")
        boss = await here.officer("supervisor")
        for purpose in PURPOSES:
            said = {"purpose": purpose}
            assert (await here.http.post(f"{task}/identity", headers=stranger, json=said)).status_code == 404
            assert (await here.http.post(f"{task}/identity", headers=boss, json=said)).status_code == 403
        assert (await here.http.get(f"{task}/identity", headers=stranger)).status_code == 404
        assert (await here.http.get(f"{task}/identity", headers=boss)).json() == []


async def test_a_report_has_nobody_to_be_opened(place: Place, kind: Kind) -> None:
    async with town(place, kind) as here:
        key = await opened(here, open_record=RECORD | {"caller": None, "report_type": "report"})
        who = await here.officer(units=[kind.unit], name="10543")
        task = f"/api/{kind.service}/tasks/{key}"
        opened_ = await here.http.post(f"{task}/identity", headers=who, json={"purpose": "contact_caller"})
        assert opened_.json() == {"caller": None}


async def test_after_erasure_neither_names_of_workers_nor_documents_can_be_read(
    place: Place, kind: Kind
) -> None:
    async with town(place, kind) as here:
        key = await opened(here)
        who = await here.officer(units=[kind.unit], name="10543")
        task, papers = f"/api/{kind.service}/tasks/{key}", f"/api/documents/{kind.service}/{key}"
        await here.http.post(f"{task}/workers", headers=who, json={"name": NAME, "owed": 100})
        kept = await here.http.post(f"{papers}?name=x.pdf", headers=who, content=b"%PDF-1.7 secret")
        case_id = (await here.task()).case_id
        await here.say(CaseErased(case_id=case_id, at=here.clock()), source="intake")

        async def gone() -> bool:
            return (await here.task()).record == ""

        await until(gone)
        assert [
            one["name"] for one in (await here.http.get(f"{task}/workers", headers=who)).json()["workers"]
        ] == [None]
        lost = await here.http.get(f"{papers}/{kept.json()['id']}", headers=who)
        assert (lost.status_code, lost.json()["type"]) == (503, "/problems/document-lost")
