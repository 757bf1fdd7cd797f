"""Vacancies matched to a seeker: on both stores, by the API and on the page."""

from datetime import date

from services.employment_adapter.models import Vacancy
from services.employment_adapter.vacancies import Area, placed, replace_all, suitable
from services.employment_adapter.vacancy_list import read_list
from services.employment_adapter.wishes import Wish
from tests.employment_adapter.centre import EMPLOYMENT, NINGHAI, PAGE, assistant, seeker, told, visits
from tests.kernel.tasks.kinds import NANJING, nanjing
from tests.kernel.tasks.town import Town, town
from tests.places import Place

GULOU = Area("320106", NINGHAI)
TODAY = date(2026, 11, 25)


def sample() -> list[Vacancy]:
    found = [placed(line, nanjing()) for line in read_list((NANJING / "vacancies.csv").read_bytes())]
    return [one for one in found if isinstance(one, Vacancy)]


async def imported(here: Town) -> None:
    await here.service.store.run(lambda tx: replace_all(tx, sample()))


async def ids(here: Town, wish: Wish, area: Area = GULOU, today: date = TODAY) -> list[str]:
    found = await here.service.store.read(lambda session: suitable(session, wish, area, today))
    return [one.vacancy.id for one in found]


async def test_the_nearest_come_first_and_the_limits_are_never_bent(place: Place) -> None:
    async with town(place, EMPLOYMENT) as here:
        await imported(here)
        guard = Wish(occupations=("security",), age=57)
        assert await ids(here, guard.model_copy(update={"nights": False})) == [
            "NJ-0031", "NJ-0001", "NJ-0011", "NJ-0073",
        ]  # fmt: skip
        assert "NJ-0002" in await ids(here, guard)
        assert await ids(here, guard.model_copy(update={"age": 59, "nights": False, "near": "district"})) == [
            "NJ-0031"
        ]
        assert await ids(here, guard.model_copy(update={"pay": 3700})) == ["NJ-0002", "NJ-0001", "NJ-0011"]
        assert await ids(here, guard.model_copy(update={"near": "street"})) == ["NJ-0031"]
        assert await ids(here, guard.model_copy(update={"near": "street"}), Area("320106", None)) == []
        assert await ids(here, guard, today=date(2028, 1, 1)) == []
        assert len(await ids(here, Wish())) == 10


async def test_the_assistant_sees_what_suits_puts_the_wish_right_and_brings_some_along(
    place: Place,
) -> None:
    async with town(place, EMPLOYMENT) as here:
        await imported(here)
        key, who = await seeker(here), await assistant(here)
        shown = (await who.get(f"/{key}")).json()
        assert shown["wish"] == {
            "occupations": ["security", "warehouse"], "pay": 3000, "age": 50, "nights": False,
            "near": "district",
        }  # fmt: skip
        assert [(one["id"], one["distance"]) for one in shown["vacancies"]] == [
            ("NJ-0032", "street"), ("NJ-0031", "street"),
        ]  # fmt: skip
        assert shown["vacancies"][1]["why"][:2] == ["同一街道", "工种相符：保安"]
        assert told(await who.enter(key, "wish", occupations="会计", pay="很多"))[0] == 422
        wished = await who.enter(key, "wish", occupations="会计", pay=4000, near="city")
        assert wished.status_code == 200
        assert told(await who.enter(key, "wish", occupations="宇航员"))[1] == "unknown-occupation"
        shown = (await who.get(f"/{key}")).json()
        assert [one["id"] for one in shown["vacancies"]] == ["NJ-0033", "NJ-0022"]
        assert (await who.enter(key, "bring", vacancies=["NJ-0033", "NJ-gone"])).status_code == 200
        await who.tried(key, "met")
        [visit] = await visits(here)
        assert visit.wish is not None
        assert "accounting" not in visit.wish
        history = (await here.http.get(f"/api/employment/tasks/{key}", headers=who.headers)).json()["history"]
        assert [one["note"] for one in history] == [None, None, "NJ-0033 NJ-gone"]
        await here.sign_in("300401", "officer", [EMPLOYMENT.unit])
        page = (await here.http.get(f"/visits/{key}", headers=PAGE)).text
        assert 'value="NJ-0033" checked' in page
        assert "NJ-gone" not in page.split("办理经过")[0]
