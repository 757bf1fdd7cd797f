"""Kind by kind and place by place: where Nanjing's rules send a case. An official can check this table."""

from pathlib import Path
from typing import NamedTuple

import pytest

from services.domain.events import CaseHeld, CaseRouted, Place
from tests.router.office import GULOU, JIANGNING, XUANWU, office, place

CERTAIN, LIKELY = place(JIANGNING), place(JIANGNING, "likely", "江宁区")
UNSURE, IN_DOUBT = place(None, "unsure"), place(None, "unsure", "合肥市、江宁区")
AT_GULOU, AT_XUANWU, ABROAD = place(GULOU), place(XUANWU), place("340100")


class Golden(NamedTuple):
    kind: str
    work: Place | None
    employer: Place | None
    residence: Place | None
    goes_to: str
    rule: str | None
    urgency: str = "normal"


GOLDEN = [
    Golden("wage_arrears", CERTAIN, None, None, "inspection-jiangning", "wage-by-work-place"),
    Golden("wage_arrears", LIKELY, None, None, "inspection-jiangning", "wage-by-work-place"),
    Golden("wage_arrears", CERTAIN, AT_GULOU, AT_XUANWU, "inspection-jiangning", "wage-by-work-place"),
    Golden("wage_arrears", None, AT_GULOU, AT_XUANWU, "inspection-gulou", "wage-by-employer"),
    Golden("wage_arrears", UNSURE, AT_GULOU, None, "inspection-gulou", "wage-by-employer"),
    Golden("wage_arrears", IN_DOUBT, AT_GULOU, None, "unsure_district", "wage-work-place-in-doubt"),
    Golden("wage_arrears", None, UNSURE, AT_XUANWU, "unsure_district", "wage-place-unknown"),
    Golden("wage_arrears", None, None, None, "unsure_district", "wage-place-unknown"),
    Golden("wage_arrears", ABROAD, None, None, "no_rule", "wage-by-work-place"),
    Golden("job_assistance", None, None, AT_XUANWU, "employment-xuanwu", "job-by-residence"),
    Golden("job_assistance", CERTAIN, AT_GULOU, AT_XUANWU, "employment-xuanwu", "job-by-residence"),
    Golden("job_assistance", CERTAIN, AT_GULOU, None, "unsure_district", "job-residence-unknown"),
    Golden("job_assistance", None, None, UNSURE, "unsure_district", "job-residence-unknown"),
    Golden("inquiry", None, None, AT_GULOU, "employment-gulou", "inquiry-by-residence"),
    Golden("inquiry", CERTAIN, None, None, "employment-jiangning", "inquiry-by-work-place"),
    Golden("inquiry", CERTAIN, None, AT_GULOU, "employment-gulou", "inquiry-by-residence"),
    Golden("inquiry", None, AT_GULOU, None, "unsure_district", "inquiry-place-unknown"),
    Golden("social_help", None, None, None, "helpdesk-122", "social-help", "urgent"),
    Golden("social_help", CERTAIN, AT_GULOU, AT_XUANWU, "helpdesk-122", "social-help", "urgent"),
    Golden("third_party", CERTAIN, AT_GULOU, AT_XUANWU, "no_rule", "by-hand"),
    Golden("other", CERTAIN, AT_GULOU, AT_XUANWU, "no_rule", "by-hand"),
    Golden("other", None, None, None, "no_rule", "by-hand"),
]


@pytest.mark.parametrize("row", GOLDEN)
async def test_a_case_goes_where_the_city_says(row: Golden, tmp_path: Path) -> None:
    async with office(tmp_path) as router:
        case = router.received(
            kind=row.kind, work=row.work, employer_place=row.employer, residence=row.residence
        )
        (said,) = await router.decided(case)
        (decision,) = await router.decisions(case.case_id)
        assert decision.rule == row.rule
        if isinstance(said, CaseHeld):
            assert (said.reason, decision.unit) == (row.goes_to, None)
        else:
            assert isinstance(said, CaseRouted)
            assert (said.unit, said.rule, said.urgency) == (row.goes_to, row.rule, row.urgency)
            assert said.unit_name == router.desk.rules.roster.unit(row.goes_to).name


@pytest.mark.parametrize(
    ("tags", "goes_to"),
    [
        (("topic_social_insurance",), "employment-social-insurance"),
        (("topic_labour_relations",), "employment-labour-relations"),
        (("topic_labour_relations", "topic_social_insurance"), "employment-labour-relations"),
        (("topic_training",), "employment-training"),
        (("topic_of_next_year",), "employment-gulou"),
        ((), "employment-gulou"),
    ],
)
@pytest.mark.parametrize("residence", [AT_GULOU, None])
async def test_an_inquiry_goes_to_the_window_that_knows_wherever_the_caller_lives(
    tags: tuple[str, ...], goes_to: str, residence: Place | None, tmp_path: Path
) -> None:
    async with office(tmp_path) as router:
        [said] = await router.decided(
            router.received(kind="inquiry", work=AT_GULOU, residence=residence, tags=tags)
        )
        assert isinstance(said, CaseRouted)
        assert said.unit == goes_to


@pytest.mark.parametrize("kind", sorted({row.kind for row in GOLDEN}))
async def test_complaint_and_report_of_one_matter_go_to_the_same_unit(kind: str, tmp_path: Path) -> None:
    async with office(tmp_path) as router:
        said = await router.decided(
            *(
                router.received(kind=kind, report_type=form, residence=AT_XUANWU)
                for form in (None, "complaint", "report")
            )
        )
        assert len({event.unit if isinstance(event, CaseRouted) else type(event) for event in said}) == 1
