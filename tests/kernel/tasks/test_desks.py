"""What the three desks must have in common: words for every code they offer, secrets for every system."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.domain.codes import OBJECTION_REASONS, OUTCOMES, UNDELIVERABLE_REASONS
from services.employment_adapter.service import DESK as EMPLOYMENT
from services.helpdesk_adapter.service import DESK as HELPDESK
from services.inspection_adapter.service import DESK as INSPECTION
from services.kernel.navigation import Navigation
from services.kernel.partners import Partner, Partners, PartnersError
from services.kernel.tasks.desk import Desk
from services.simulators.outcomes import STEPS, USUAL_STEPS
from tests.kernel.tasks.kinds import KINDS, Kind, nanjing
from tests.kernel.tasks.town import town
from tests.places import Place

DESKS = (INSPECTION, EMPLOYMENT, HELPDESK)
SERVICES = Path(__file__).parents[3] / "services"


@pytest.mark.parametrize("desk", DESKS, ids=lambda desk: desk.service)
def test_every_code_that_a_desk_offers_has_its_name_in_both_languages(desk: Desk) -> None:
    names = nanjing().texts.names
    assert set(desk.steps) <= set(names["step"])
    assert set(desk.outcomes) <= set(names["outcome"]) & set(OUTCOMES)
    assert set(OBJECTION_REASONS) <= set(names["objection"])
    assert set(UNDELIVERABLE_REASONS) <= set(names["undeliverable"])


def test_the_steps_that_units_report_have_names() -> None:
    codes = {code for steps in (*STEPS.values(), USUAL_STEPS) for code, _ in steps}
    assert codes <= set(nanjing().texts.names["step"])


def test_each_desk_has_its_own_place_in_the_navigation_under_its_own_title() -> None:
    folders = [SERVICES / f"{desk.service}_adapter" for desk in DESKS]
    entries = [Navigation.read([folder]).pages[0] for folder in folders]  # the others are of its own making
    assert [(item.path, item.label) for item in entries] == [(f"/{d.service}", d.title) for d in DESKS]
    assert len({item.key for item in entries}) == 3


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.service)
async def test_a_system_without_a_secret_ends_the_start(place: Place, kind: Kind) -> None:
    unit = f"{kind.service}-new"
    async with town(place, kind) as here:
        parts = replace(here.parts, partners=Partners({unit: Partner("https://unit.example")}))
    with pytest.raises(PartnersError, match=unit):
        kind.build(parts)
