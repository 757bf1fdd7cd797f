"""What lies with a task: its workers with their payments, and its documents."""

import asyncio
import hashlib
from pathlib import Path

import pytest

from services.domain.events import TaskProgressed
from services.kernel.tasks.documents import LIMIT
from tests.kernel.tasks.kinds import NAME, Kind
from tests.kernel.tasks.test_worklist_api import opened
from tests.kernel.tasks.town import town
from tests.places import Place

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40


def only_file(folder: Path) -> Path:
    [file] = [path for path in folder.rglob("*") if path.is_file()]
    return file


async def test_payments_are_added_up_for_each_worker_once_each(place: Place, kind: Kind) -> None:
    async with town(place, kind) as here:
        who = await here.officer(units=[kind.unit], name="10543")
        at = f"/api/{kind.service}/tasks/{await opened(here)}/workers"
        first = (await here.http.post(at, headers=who, json={"name": NAME, "owed": "8,000"})).json()["id"]
        second = (await here.http.post(at, headers=who, json={"name": "李四", "owed": 4000.5})).json()["id"]
        for once in ("a", "a", "b"):  # the browser sent the first form twice
            paid = await here.http.post(
                f"{at}/{first}/payments", headers=who | {"idempotency-key": once}, json={"amount": 3000}
            )
        assert paid.json()["recovered"] == 6000
        too_much = await here.http.post(
            f"{at}/{second}/payments", headers=who | {"idempotency-key": "c"}, json={"amount": 4000.51}
        )
        assert (too_much.status_code, too_much.json()["type"]) == (422, "/problems/more-than-owed")
        shown = (await here.http.get(at, headers=who)).json()
        assert (shown["owed"], shown["recovered"]) == (12000.5, 6000)
        assert [(one["name"], one["recovered"]) for one in shown["workers"]] == [(NAME, 6000), ("李四", 0)]
        told = [one for one in await here.events() if isinstance(one, TaskProgressed)]
        assert [one.step for one in told] == ["part_payment", "part_payment"]
        assert (await here.task()).state == "in_progress"


async def test_two_payments_at_once_are_both_counted_and_never_exceed_what_is_owed(
    place: Place, kind: Kind
) -> None:
    async with town(place, kind) as here:
        who = await here.officer(units=[kind.unit], name="10543")
        at = f"/api/{kind.service}/tasks/{await opened(here)}/workers"
        worker = (await here.http.post(at, headers=who, json={"name": NAME, "owed": 500})).json()["id"]
        answers = await asyncio.gather(*(
            here.http.post(
                f"{at}/{worker}/payments", headers=who | {"idempotency-key": str(n)}, json={"amount": 100}
            )
            for n in range(8)
        ))  # fmt: skip
        assert sorted(one.status_code for one in answers) == [200] * 5 + [422] * 3
        assert (await here.http.get(at, headers=who)).json()["recovered"] == 500


async def test_a_document_comes_back_as_it_was_and_lies_sealed_on_the_disk(place: Place, kind: Kind) -> None:
    async with town(place, kind) as here:
        who = await here.officer(units=[kind.unit], name="10543")
        at = f"/api/documents/{kind.service}/{await opened(here)}"
        made = (await here.http.post(f"{at}?name=工资条.pdf", headers=who, content=PDF)).json()
        assert (made["media_type"], made["size"]) == ("application/pdf", len(PDF))
        assert made["sha256"] == hashlib.sha256(PDF).hexdigest()
        got = await here.http.get(f"{at}/{made['id']}", headers=who)
        assert got.content == PDF
        assert got.headers["content-disposition"].startswith("attachment;")
        file = only_file(place.folder / "documents")
        assert PDF[:64] not in file.read_bytes()
        sealed = file.read_bytes()
        file.write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1]))
        damaged = await here.http.get(f"{at}/{made['id']}", headers=who)
        assert (damaged.status_code, damaged.json()["type"]) == (503, "/problems/document-lost")


@pytest.mark.parametrize(
    ("content", "status", "problem"),
    [
        (b"<html>", 415, "document-type"),
        (b"", 415, "document-type"),
        (b"MZ" + bytes(100), 415, "document-type"),
        (b"%PDF-" + bytes(LIMIT), 413, "body-too-large"),
    ],
    ids=["a page", "nothing", "a program", "too large"],
)
async def test_what_is_no_document_is_refused_and_nothing_is_kept(
    place: Place, kind: Kind, content: bytes, status: int, problem: str
) -> None:
    async with town(place, kind) as here:
        who = await here.officer(units=[kind.unit], name="10543")
        at = f"/api/documents/{kind.service}/{await opened(here)}"
        refused = await here.http.post(f"{at}?name=x.pdf", headers=who, content=content)
        assert (refused.status_code, refused.json()["type"]) == (status, f"/problems/{problem}")
        assert (await here.http.get(at, headers=who)).json() == []


async def test_a_document_of_another_unit_does_not_exist(place: Place, kind: Kind) -> None:
    async with town(place, kind) as here:
        who = await here.officer(units=[kind.unit], name="10543")
        stranger = await here.officer(units=[kind.other], name="stranger")
        at = f"/api/documents/{kind.service}/{await opened(here)}"
        made = (await here.http.post(f"{at}?name=x.pdf", headers=who, content=PDF)).json()
        for path in (at, f"{at}/{made['id']}"):
            assert (await here.http.get(path, headers=stranger)).status_code == 404
        assert (await here.http.post(f"{at}?name=x.pdf", headers=stranger, content=PDF)).status_code == 404


async def test_the_forms_of_the_page_do_the_same(place: Place, kind: Kind) -> None:
    async with town(place, kind) as here:
        key = await opened(here)
        csrf = await here.sign_in("10543", "officer", [kind.unit])
        page, form = f"/{kind.service}/tasks/{key}", {"csrf_token": csrf}
        html = {"accept": "text/html"}
        seen = await here.http.post(f"{page}/identity", data=form | {"purpose": "home_visit"}, headers=html)
        assert seen.status_code == 303
        assert NAME in (await here.http.get(page, headers=html)).text
        await here.http.post(f"{page}/workers", data=form | {"name": NAME, "owed": "1,200"}, headers=html)
        bad = await here.http.post(f"{page}/workers", data=form | {"name": "", "owed": "-"}, headers=html)
        assert bad.status_code == 422
        kept = await here.http.post(
            f"/documents/{kind.service}/{key}", data=form, headers=html, files={"file": ("照片.pdf", PDF)}
        )
        assert kept.status_code == 303
        shown = (await here.http.get(page, headers=html)).text
        assert "照片.pdf" in shown
        assert ("1200.00" in shown) == (kind.service == "inspection")
