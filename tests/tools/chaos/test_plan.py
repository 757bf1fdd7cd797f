"""A plan is drawn from its seed alone, ends, and has every kind of fault that there is a target for."""

from dataclasses import replace

from tools.chaos.faults import KINDS
from tools.chaos.plan import LONG, Targets, plan

ALL = Targets(
    processes=("router-1", "inspection_adapter-1", "inspection_adapter-2"), units=("inspection-xuanwu",),
    ways=("kafka",), servers=True, full=True, skewed=("router-2",),
)  # fmt: skip
FEW = Targets(processes=("yikou",), units=("inspection-xuanwu",), ways=())


def test_the_same_seed_makes_the_same_plan_and_another_another() -> None:
    assert plan("scaled", 7, 300, ALL) == plan("scaled", 7, 300, ALL)
    assert plan("scaled", 7, 300, ALL).tracks != plan("scaled", 8, 300, ALL).tracks
    assert plan("embedded", 7, 300, ALL).tracks != plan("scaled", 7, 300, ALL).tracks


def test_what_one_track_draws_does_not_depend_on_what_there_is_for_another() -> None:
    fewer = Targets(processes=ALL.processes, units=ALL.units, ways=())
    assert (
        plan("scaled", 7, 300, ALL).tracks["processes"] == plan("scaled", 7, 300, fewer).tracks["processes"]
    )


def test_every_kind_of_fault_is_drawn_and_each_can_be_made() -> None:
    drawn = {fault.kind for track in plan("scaled", 7, 900, ALL).tracks.values() for fault in track}
    assert drawn == set(KINDS)


def test_there_are_as_many_kills_as_were_asked_for() -> None:
    kills = [fault for fault in plan("embedded", 7, 30, FEW, 100).tracks["processes"] if fault.kind == "kill"]
    assert len(kills) == 100


def test_where_there_is_time_most_processes_work_before_they_are_killed_again() -> None:
    def at_once(seconds: float) -> int:
        return sum(f.mode == "at_once" for f in plan("embedded", 7, seconds, FEW, 100).tracks["processes"])

    assert at_once(300) < 40 < 65 < at_once(30)


def test_one_message_for_a_hundred_cases_is_poison() -> None:
    drawn = plan("embedded", 7, 300, replace(FEW, rate=10)).tracks["poison"]
    assert len(drawn) == 30
    assert sum(fault.after for fault in drawn) < 300


def test_nothing_is_broken_that_is_not_there() -> None:
    assert set(plan("embedded", 7, 900, FEW).tracks) == {"processes", "partners", "poison", "bug"}


def test_a_pause_longer_than_a_lease_needs_somebody_to_take_over() -> None:
    [fault] = plan("scaled", 7, 900, ALL).tracks["leases"]
    assert (fault.kind, fault.lasts) == ("freeze", LONG)
    assert fault.target.startswith("inspection_adapter")
