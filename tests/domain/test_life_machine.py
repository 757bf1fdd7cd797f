"""The life of several cases at once, held against a model that knows no table.

The model is a dict for each case: who has it, what came of it, whether the caller was told. What a fact does
to it is said in those words; the status has to follow.
"""

from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from services.domain.events import (
    AnswerGiven,
    CallerInformed,
    CaseClosed,
    CaseReopened,
    Event,
    OutcomeReported,
    TaskDelivered,
)
from services.domain.life import Action, Status, after, allowed_actions, follow, require
from services.domain.refusals import Refusal

AT = datetime(2026, 9, 22, 9, 0, tzinfo=UTC)
SEALED, FOR_STAFF = "contact.k1.QUJD", "task.k1.QUJD"
Model = dict[
    str, str
]  # with: hotline | unit · sign: what was last said · result: "" | outcome | answer · told
TOLD_OF: dict[str, Status] = {
    "received": Status.RECEIVED, "held": Status.HELD, "objected": Status.OBJECTED,
    "routed": Status.ROUTED, "delivered": Status.DELIVERED, "accepted": Status.ACCEPTED,
    "progressed": Status.IN_PROGRESS,
}  # fmt: skip


def new() -> Model:
    return {"with": "hotline", "sign": "received", "result": "", "told": "", "closed": ""}


def status_of(model: Model) -> Status:
    if model["closed"]:
        return Status.CLOSED
    if model["told"]:
        return Status.TOLD
    if model["result"]:
        return Status.RESOLVED if model["result"] == "outcome" else Status.ANSWERED
    return TOLD_OF[model["sign"]]


def is_open(model: Model) -> bool:
    return not (model["closed"] or model["told"] or model["result"])


class Life(RuleBasedStateMachine):
    cases = Bundle("cases")

    def __init__(self) -> None:
        super().__init__()
        self.models: dict[int, Model] = {}
        self.statuses: dict[int, Status] = {}

    @rule(target=cases)
    def received(self) -> int:
        case = len(self.models)
        self.models[case], self.statuses[case] = new(), Status.RECEIVED
        return case

    def happens(self, case: int, name: str) -> None:
        self.statuses[case] = after(self.statuses[case], name)

    def follows(self, case: int, event: Event) -> None:
        self.statuses[case] = follow(self.statuses[case], event)

    @rule(case=cases)
    def the_router_sends_it_to_a_unit(self, case: int) -> None:
        model = self.models[case]
        if is_open(model) and model["with"] == "hotline":
            model.update({"with": "unit", "sign": "routed"})
        self.happens(case, "CaseRouted")

    @rule(case=cases)
    def the_router_leaves_it_to_a_person(self, case: int) -> None:
        model = self.models[case]
        if is_open(model):
            model.update({"with": "hotline", "sign": "held"})
        self.happens(case, "CaseHeld")

    @rule(case=cases, how=st.sampled_from(["delivered", "accepted", "progressed"]))
    def the_unit_gets_further(self, case: int, how: str) -> None:
        """Never back: a fact that comes late says less than is known."""
        model, order = self.models[case], list(TOLD_OF)
        ahead = order.index(how) > order.index(model["sign"])
        if is_open(model) and model["with"] == "unit" and ahead:
            model["sign"] = how
        if how == "delivered":
            event = TaskDelivered(case_id=UUID(int=case), at=AT, unit="u", task="t", via="http")
            self.follows(case, event)
        else:
            self.happens(case, {"accepted": "TaskAccepted", "progressed": "TaskProgressed"}[how])

    @rule(case=cases)
    def the_unit_sends_it_back(self, case: int) -> None:
        model = self.models[case]
        if is_open(model) and model["with"] == "unit":
            model.update({"with": "hotline", "sign": "objected"})
        self.happens(case, "TaskObjected")

    @rule(case=cases)
    def a_unit_reports_what_came_of_it(self, case: int) -> None:
        """Also after an answer, and also one that objected: but never of a case that nobody was given yet."""
        model = self.models[case]
        untouched = model["sign"] == "received" and not model["result"]
        if not (model["closed"] or model["told"] or untouched):
            model["result"] = "outcome"
        event = OutcomeReported(
            case_id=UUID(int=case), at=AT, unit="u", task="t", outcome="paid", resolved=True, summary=SEALED
        )
        self.follows(case, event)

    @rule(case=cases)
    def an_agent_answers(self, case: int) -> None:
        """While no unit has taken it: from then on the unit's work has to end first."""
        model = self.models[case]
        if is_open(model) and model["sign"] not in ("accepted", "progressed"):
            model["result"] = "answer"
        self.follows(case, AnswerGiven(case_id=UUID(int=case), at=AT, text=SEALED))

    @rule(case=cases, about=st.sampled_from(["received", "answer", "outcome"]))
    def the_caller_is_told(self, case: int, about: Literal["received", "answer", "outcome"]) -> None:
        model = self.models[case]
        if about != "received" and model["result"] and not model["closed"]:
            model["told"] = "yes"
        self.follows(case, CallerInformed(case_id=UUID(int=case), at=AT, channel="sms", about=about))

    @rule(case=cases)
    def it_is_closed(self, case: int) -> None:
        self.models[case]["closed"] = "yes"
        self.follows(case, CaseClosed(case_id=UUID(int=case), at=AT, reason="told"))

    @rule(case=cases)
    def it_is_reopened(self, case: int) -> None:
        """It begins again from nothing; one that never ended cannot."""
        if not is_open(self.models[case]):
            self.models[case] = new()
        self.follows(case, CaseReopened(case_id=UUID(int=case), at=AT, reason=FOR_STAFF))

    @rule(case=cases, action=st.sampled_from(Action))
    def somebody_wants_something(self, case: int, action: Action) -> None:
        model = self.models[case]
        ended = bool(model["closed"])
        done = not is_open(model)
        wanted = {
            Action.NOTE: True,
            Action.CORRECT: not ended,
            Action.CLOSE: not ended,
            Action.REOPEN: done,
            Action.ROUTE: not done and model["sign"] not in ("accepted", "progressed"),
            Action.ANSWER: not done or (model["result"] == "answer" and not model["told"] and not ended),
        }[action]
        assert (action in allowed_actions(self.statuses[case])) == wanted
        if wanted:
            require(self.statuses[case], action)
        else:
            with pytest.raises(Refusal):
                require(self.statuses[case], action)

    @invariant()
    def every_status_follows_the_model(self) -> None:
        for case, model in self.models.items():
            assert self.statuses[case] is status_of(model), model


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
