"""Names of codes for the pages: what a template calls to show a code in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.domain.city import City
from services.domain.kinds import CHANNEL_NAMES, KIND_NAMES, REPORT_TYPE_NAMES, Channel, Kind, ReportType
from services.domain.life import STATUS_NAMES, Status
from services.domain.location import CONFIDENCES
from services.domain.places import Confidence
from services.kernel.language import Language

_LEVELS: Final[Mapping[Status, str]] = {
    Status.HELD: "warn",
    Status.OBJECTED: "warn",
    Status.RESOLVED: "good",
    Status.ANSWERED: "good",
    Status.TOLD: "good",
}
_SURE: Final[Mapping[Confidence, str]] = {"certain": "good", "likely": "", "unsure": "warn"}
ICONS: Final[Mapping[str, tuple[str, str]]] = {
    "CaseReceived": ("记", ""),
    "CaseCorrected": ("改", ""),
    "CaseRouted": ("转", ""),
    "CaseHeld": ("等", "warn"),
    "TaskDelivered": ("达", ""),
    "TaskUndeliverable": ("！", "bad"),
    "TaskAccepted": ("受", "good"),
    "TaskObjected": ("退", "warn"),
    "TaskProgressed": ("办", ""),
    "OutcomeReported": ("果", "good"),
    "AnswerGiven": ("答", "good"),
    "NoteAdded": ("注", ""),
    "CallAttached": ("电", ""),
    "CaseTaken": ("接", ""),
    "CaseSplit": ("分", ""),
    "CaseMerged": ("并", ""),
    "ClusterAlarmed": ("群", "bad"),
    "ClusterJoined": ("群", "warn"),
    "DeadlineApproaching": ("时", "warn"),
    "DeadlineMissed": ("逾", "bad"),
    "DeadlineMet": ("期", ""),
    "DeadlinePaused": ("停", "warn"),
    "DeadlineResumed": ("续", ""),
    "DeadlineExtended": ("延", "warn"),
    "DeadlineRecomputed": ("历", ""),
    "StaffAlerted": ("呼", "warn"),
    "AlertAcknowledged": ("签", "good"),
    "CallerInformed": ("告", "good"),
    "CallerUnreachable": ("空", "warn"),
    "CaseClosed": ("结", ""),
    "CaseReopened": ("重", "warn"),
    "CaseErased": ("删", ""),
}
"""One sign and a level for each event of a timeline."""

NO_ICON: Final = ("·", "")


@dataclass(frozen=True, slots=True)
class Words:
    """In one language."""

    city: City
    language: Language

    def kind(self, code: str) -> str:
        return KIND_NAMES[Kind(code)].in_language(self.language)

    def report_type(self, code: str | None) -> str:
        return REPORT_TYPE_NAMES[ReportType(code)].in_language(self.language) if code else ""

    def channel(self, code: str) -> str:
        return CHANNEL_NAMES[Channel(code)].in_language(self.language)

    def status(self, code: str) -> str:
        return STATUS_NAMES[Status(code)].in_language(self.language)

    def level(self, code: str) -> str:
        return _LEVELS.get(Status(code), "")

    def district(self, code: str | None) -> str:
        return self.city.district_name(code, self.language) if code else ""

    def confidence(self, sure: Confidence) -> tuple[str, str]:
        """How sure, and the level of its tag."""
        return CONFIDENCES[sure].in_language(self.language), _SURE[sure]

    def unit(self, unit_id: str | None) -> str:
        return self.city.unit_name(unit_id, self.language) if unit_id else ""

    def named(self, group: str, code: str) -> str:
        return self.city.texts.name(group, code, self.language)

    def icon(self, event: str) -> tuple[str, str]:
        return ICONS.get(event, NO_ICON)

    @property
    def kinds(self) -> list[tuple[str, str]]:
        """In the order of the desk's number keys."""
        order = (
            Kind.WAGE_ARREARS, Kind.JOB_ASSISTANCE, Kind.INQUIRY, Kind.SOCIAL_HELP, Kind.OTHER,
            Kind.THIRD_PARTY,
        )  # fmt: skip
        return [(kind.value, self.kind(kind)) for kind in order]

    @property
    def report_types(self) -> list[tuple[str, str]]:
        return [(one.value, self.report_type(one)) for one in ReportType]

    @property
    def channels(self) -> list[tuple[str, str]]:
        return [(one.value, self.channel(one)) for one in Channel if one is not Channel.API]

    @property
    def districts(self) -> list[tuple[str, str]]:
        return [(one.code, one.in_language(self.language)) for one in self.city.districts]

    @property
    def statuses(self) -> list[tuple[str, str]]:
        return [(one.value, self.status(one)) for one in Status]
