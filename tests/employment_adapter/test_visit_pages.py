"""The visits as pages: what an assistant sees on a phone, and the forms without a script."""

import re
from html import unescape

from sqlmodel import select

from services.kernel.tasks.reveals import TaskReveal
from tests.employment_adapter.centre import EMPLOYMENT, PAGE, SEEKER, assistant, seeker, visits
from tests.kernel.tasks.town import Town, town
from tests.places import Place


async def shown(here: Town, path: str = "") -> str:
    response = await here.http.get(f"/visits{path}", headers=PAGE)
    assert response.status_code == 200, response.text
    return unescape(response.text)


async def sent(here: Town, csrf: str, key: str, entry: str, **given: str) -> tuple[int, str]:
    """Status and page after a form, whose token is new."""
    form = {f"{entry}_{name}": value for name, value in given.items()}
    frame = {"csrf_token": csrf, "token": f"{here.parts.around.random.getrandbits(128):032x}"}
    response = await here.http.post(f"/visits/{key}/{entry}", data=frame | form, headers=PAGE)
    return response.status_code, unescape(response.text)


async def test_the_whole_way_with_plain_forms(place: Place) -> None:
    async with town(place, EMPLOYMENT) as here:
        key = await seeker(here)
        csrf = await here.sign_in("300401", "officer", [EMPLOYMENT.unit])
        assert f'href="/visits/{key}"' in await shown(here)
        task = (await here.http.get(f"/employment/tasks/{key}", headers=PAGE)).text
        assert f'href="/visits/{key}"' in task
        slots = re.findall(r'<option value="(20[^"]+)"', await shown(here, f"/{key}"))
        assert (await sent(here, csrf, key, "plan", begins=slots[0]))[0] == 303
        assert (await sent(here, csrf, key, "safety", safety="有狗"))[0] == 303
        assert "安全提示" in await shown(here)
        assert (await sent(here, csrf, key, "attempt", result="met", note="见到本人"))[0] == 303
        assert (await sent(here, csrf, key, "outcome", outcome="placed", resolved="true", summary="到岗"))[
            0
        ] == 303
        assert "见到本人" in await shown(here, f"/{key}")
        [visit] = await visits(here)
        assert visit.follow_up_at is not None
        assert (await sent(here, csrf, key, "assistant", assistant="300402"))[0] == 303
        assert (await sent(here, csrf, key, "follow-up", result="settled"))[0] == 303
        [visit] = await visits(here)
        assert visit.follow_up == "settled"


async def test_name_and_address_are_hidden_until_the_visit_begins_and_that_is_written_down(
    place: Place,
) -> None:
    async with town(place, EMPLOYMENT) as here:
        key = await seeker(here)
        csrf = await here.sign_in("300401", "officer", [EMPLOYMENT.unit])
        for path in ("", f"/{key}"):
            page = await shown(here, path)
            assert not [word for word in ("陆建华", "13900000116", "颐和路") if word in page]
        answer = await here.http.post(f"/visits/{key}/identity", data={"csrf_token": csrf}, headers=PAGE)
        assert answer.status_code == 303
        page = await shown(here, f"/{key}")
        assert [word for word in ("陆建华", "139 0000 0116", "颐和路9号", "geo:0,0?q=") if word in page] == [
            "陆建华", "139 0000 0116", "颐和路9号", "geo:0,0?q=",
        ]  # fmt: skip
        looks = await here.service.store.read(lambda session: list(session.scalars(select(TaskReveal))))
        assert [(look.by, look.purpose) for look in looks] == [("300401", "home_visit")]


async def test_a_form_that_cannot_be_taken_comes_back_as_it_was_typed(place: Place) -> None:
    async with town(place, EMPLOYMENT) as here:
        key = await seeker(here)
        csrf = await here.sign_in("300401", "officer", [EMPLOYMENT.unit])
        status, page = await sent(here, csrf, key, "attempt", result="letter_sent", note="门缝里留了信")
        assert status == 422
        assert "门缝里留了信" in page
        assert "目前还不能这样办理" in page
        status, page = await sent(here, csrf, key, "outcome", outcome="", summary="说明在此")
        assert status == 422
        assert "说明在此" in page
        assert (await sent(here, csrf, "nothing", "attempt", result="met"))[0] == 404


async def test_the_pages_speak_english(place: Place) -> None:
    async with town(place, EMPLOYMENT) as here:
        key = await seeker(here)
        await here.sign_in("300401", "officer", [EMPLOYMENT.unit])
        here.http.cookies.set("yikou_language", "en")
        english = {"accept-language": "en", **PAGE}
        for path in ("/visits", f"/visits/{key}"):
            page = (await here.http.get(path, headers=english)).text
            body = re.sub(r'<span class="text">.*?</span>|<p class="text">.*?</p>|<dd>.*?</dd>', "", page)
            body = body.split("<main")[1].split("</main>")[0]
            left = set(re.findall(r"[\u4e00-\u9fff]+", body))
            assert left <= {"宁海路街道", "陆", "保安", "仓库"}  # names, and words that are to be typed


async def test_a_supervisor_reads_and_enters_nothing(place: Place) -> None:
    async with town(place, EMPLOYMENT) as here:
        key = await seeker(here)
        who = await assistant(here)
        await who.plan(key)
        await here.sign_in("10001", "supervisor")
        page = await shown(here, "?whose=all")
        assert f'href="/visits/{key}"' in page
        assert "/attempt" not in await shown(here, f"/{key}")
        assert str(SEEKER["text"]) in await shown(here, f"/{key}")
