"""What a desk's page shows: the rows of its list, and one task opened beside it."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.domain.city import City
from services.domain.clusters import Cluster
from services.domain.codes import OBJECTION_REASONS
from services.domain.kinds import REPORT_TYPE_NAMES, ReportType
from services.domain.timeline import sentence
from services.domain.units import Unit
from services.kernel.tasks.actions import LABOUR_KINDS
from services.kernel.tasks.desk import Desk, Record, dialled, owed, part, said
from services.kernel.tasks.due import Due, due_of
from services.kernel.tasks.life import STATE_NAMES, WAITING, State, Step, possible_steps
from services.kernel.tasks.models import Task
from services.kernel.tasks.worklist import Entry

Option = tuple[str, str]
ICONS: Final[Mapping[str, str]] = {
    "TaskAccepted": "受",
    "TaskObjected": "退",
    "TaskProgressed": "办",
    "OutcomeReported": "结",
    "CallAttached": "电",
    "ClusterAlarmed": "群",
    "ClusterJoined": "群",
}


@dataclass(frozen=True)
class Line:
    """A row of the list: the task, what the desk's columns show of it, its clock and its names.

    `cluster`: of a case that is one of many, with the name of its level.
    """

    task: Task
    cells: list[str]
    kind: str
    unit: str
    state: str
    due: Due | None
    cluster: Cluster | None = None
    level: str = ""


@dataclass(frozen=True)
class Told:
    """A line of the task's history."""

    icon: str
    by: str | None
    text: str
    note: str | None
    at: datetime


@dataclass(frozen=True)
class Opened:
    """One task with everything its officer needs. `record` None: erased, or its key is not here.

    `facts`: (Chinese label, text); `confidential`: a report (举报), whose informant nobody here may know.
    `trouble`: why it could not be delivered. `steps`: what may be done now, the next legal step first.
    `stage`, `article`: of the unit's procedure; `officers`, `recused`: staff numbers.
    """

    line: Line
    record: Record | None
    facts: list[tuple[str, str]]
    confidential: bool
    history: list[Told]
    trouble: str | None
    steps: tuple[Step, ...]
    reasons: list[Option]
    units: list[Option]
    progress: list[Option]
    outcomes: list[Option]
    referred_to: list[Option]
    hand_back: list[Option]
    stage: str
    article: str
    officers: str
    recused: str


@dataclass(frozen=True)
class Clerk:
    """Puts names to codes, in the reader's language."""

    desk: Desk
    city: City

    def line(self, task: Task, record: Record | None, now: datetime, language: str) -> Line:
        state = State(task.state)
        cluster = Cluster.model_validate_json(task.cluster) if task.cluster else None
        return Line(
            task,
            [column.value(record or {}) for column in self.desk.columns],
            self.city.texts.name("kind", task.kind, language),
            self.city.unit_name(task.unit, language),
            STATE_NAMES[state].in_language(language),
            due_of(task.accept_by, now, language) if state in WAITING else None,
            cluster,
            self.city.level_name(cluster.level, language) if cluster and cluster.level else "",
        )

    def opened(
        self, task: Task, record: Record | None, history: Sequence[Entry], now: datetime, language: str
    ) -> Opened:
        state = State(task.state)
        names = self.city.texts.name
        return Opened(
            line=self.line(task, record, now, language),
            record=record,
            facts=self._facts(record or {}, language),
            confidential=said(record or {}, "report_type") == ReportType.REPORT,
            history=[self._told(entry, language) for entry in history],
            trouble=names("undeliverable", task.reason or "", language) if state is State.BY_HAND else None,
            steps=possible_steps(state),
            reasons=[(code, names("objection", code, language)) for code in OBJECTION_REASONS],
            units=self._others(task.unit, language),
            progress=[(code, names("step", code, language)) for code in self._next_steps(task)],
            outcomes=[(code, names("outcome", code, language)) for code in self.desk.outcomes],
            referred_to=[(code, names("referred_to", code, language)) for code in self.desk.referred_to],
            hand_back=[(kind.value, names("kind", kind, language)) for kind in LABOUR_KINDS],
            stage=names("step", task.stage, language) if task.stage else "",
            article=self.desk.procedure.article(task.stage),
            officers="、".join(json.loads(task.officers)),
            recused="、".join(json.loads(task.recused)),
        )

    def _next_steps(self, task: Task) -> tuple[str, ...]:
        """The stages that may follow, then what is possible at any time."""
        return (*self.desk.procedure.possible(task.stage), *self.desk.steps)

    def units(self, scope: Collection[str] | None, language: str) -> list[Option]:
        """The units of this desk that the reader may choose between."""
        mine = [unit for unit in self.city.units if unit.service == self.desk.service]
        return [(unit.id, unit.title(language)) for unit in mine if scope is None or unit.id in scope]

    def _others(self, own: str, language: str) -> list[Option]:
        """Who else could have it: first the units of the same service."""
        open_ = [unit for unit in self.city.units if unit.is_open and unit.id != own]

        def foreign(unit: Unit) -> bool:
            return unit.service != self.desk.service

        return [(unit.id, unit.title(language)) for unit in sorted(open_, key=foreign)]

    def _told(self, entry: Entry, language: str) -> Told:
        event = entry.event
        icon = ICONS.get(type(event).__name__, "·")
        return Told(icon, event.by, sentence(event, self.city, language), entry.text, event.at)

    def _facts(self, record: Record, language: str) -> list[tuple[str, str]]:
        caller, employer = part(record, "caller"), part(record, "employer")
        kind = said(record, "report_type")
        return [
            (
                "性质",
                REPORT_TYPE_NAMES[ReportType(kind)].in_language(language) if kind in set(ReportType) else "",
            ),
            ("姓名", said(caller, "name")),
            ("电话", dialled(record)),
            ("住址", said(caller, "residence")),
            ("用人单位", said(employer, "name")),
            ("统一社会信用代码", said(employer, "uscc")),
            ("用工地", said(employer, "work_address")),
            ("单位地址", said(employer, "address")),
            ("欠薪金额（元）", owed(record)),
            ("涉及人数", said(record, "workers_affected")),
            ("来源", self.city.texts.name("channel", said(record, "channel"), language)),
            ("录音", said(record, "recording_ref")),
        ]
