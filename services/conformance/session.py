"""One run against one unit's test system: what its checks share."""

from dataclasses import dataclass, field

from services.conformance.client import UnitClient
from services.conformance.ear import Ear
from services.conformance.tasks import Task, new_task
from services.conformance.verdict import Fails
from services.kernel.surroundings import Surroundings
from services.kernel.webhooks import new_secret


@dataclass
class Session:
    """`first`: the task that most checks speak of, `reference`: the unit's number of it. `tasks`: how many
    the load has; `patience`: seconds that a report may take. `ear`: None where nobody listens for reports.
    `load`: keys of the many; `spoilt`: of the task whose report was answered badly; `refused`: answered 409.
    Seconds: `pause` before the unit is asked or tried again, `quiet` in which nothing may come any more.
    """

    name: str
    unit: UnitClient
    around: Surroundings
    ear: Ear | None
    tasks: int
    patience: float
    first: Task
    reference: str = ""
    load: list[str] = field(default_factory=list)
    pause: float = 1.0
    quiet: float = 6.0
    spoilt: str = ""
    refused: set[str] = field(default_factory=set)

    @property
    def hearing(self) -> Ear:
        """Where reports arrive; run.py plays the checks of reports only where there is one."""
        if self.ear is None:
            raise Fails("没有接收回报的地址（--listen）", "nobody listens for reports (--listen)")
        return self.ear

    def task(self) -> Task:
        """A task under a new key."""
        return new_task(self.name, self.around)

    def strange_secret(self) -> str:
        """A key that the unit cannot know."""
        return new_secret(self.around.random.randbytes)
