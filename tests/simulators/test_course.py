from hypothesis import given
from hypothesis import strategies as st

from services.domain.codes import OBJECTION_REASONS, OUTCOMES
from services.simulators.behaviour import DEMO, Pace
from services.simulators.course import Task, course

UNITS = ("inspection-jiangning", "inspection-gulou", "employment-gulou", "helpdesk-122")
KINDS = ("wage_arrears", "job_assistance", "social_help", "inquiry", "third_party", "other", "a kind to come")


@st.composite
def tasks(draw: st.DrawFn) -> Task:
    owed = draw(st.none() | st.floats(0, 10_000_000).map(lambda yuan: round(yuan, 2)))
    key = draw(st.text(min_size=1, max_size=40))
    return Task(
        key, draw(st.sampled_from(UNITS)), "case", draw(st.sampled_from(KINDS)), "normal", owed, "print"
    )


@given(tasks(), st.integers())
def test_every_course_is_told_in_our_words_and_ends(task: Task, seed: int) -> None:
    steps = course(task, UNITS, DEMO, seed)
    types = [step.type for step in steps]
    assert types in (
        ["task.objected"],
        ["task.accepted", "task.completed"],
        ["task.accepted", "task.progressed", "task.completed"],
    )
    last = steps[-1].fields
    assert last.get("outcome", "answered") in OUTCOMES
    assert last.get("reason", "other") in OBJECTION_REASONS
    assert last.get("proposed_unit") != task.unit
    assert 0 <= float(last.get("amount_recovered", 0)) <= max(task.owed or 0, 30_000)
    assert "{" not in str(last.get("summary"))


@given(tasks())
def test_the_same_seed_and_task_give_the_same_course(task: Task) -> None:
    assert course(task, UNITS, DEMO, 7) == course(task, UNITS, DEMO, 7)


def test_about_the_wanted_share_objects() -> None:
    pace = Pace(objecting=0.25)
    every = [Task(str(n), UNITS[0], "case", "wage_arrears", "normal", None, "p") for n in range(2000)]
    objected = sum(course(task, UNITS, pace, 1)[0].type == "task.objected" for task in every)
    assert 400 < objected < 600
