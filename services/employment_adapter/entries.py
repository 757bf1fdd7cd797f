"""What an assistant enters of a visit: shared by API, forms, and what a phone kept without a line. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from services.domain.names import Name
from services.employment_adapter.vacancy_list import ID
from services.employment_adapter.wishes import Near
from services.kernel.tasks.actions import Maybe, Officer, Text
from services.kernel.tasks.officers import ToldCompletion

Result = Literal["met", "nobody_home", "phoned_in_vain", "letter_sent"]
RESULTS: Final[Mapping[Result, Name]] = {
    "met": Name("见到本人", "Met"),
    "nobody_home": Name("没人在家", "Nobody home"),
    "phoned_in_vain": Name("电话没人接", "No answer on the phone"),
    "letter_sent": Name("已留信", "Left a letter"),
}
STAGES: Final[Mapping[str, tuple[str, ...]]] = {
    "planned": ("visit_planned", "visit_planned_again"),
    "met": ("visit_done",),
    "nobody_home": ("nobody_home", "nobody_home_again"),
    "phoned_in_vain": ("phoned_in_vain",),
    "letter_sent": ("letter_sent",),
}
"""The stages of procedure.toml that an entry may be: the first that may follow is meant."""


def _listed(value: object) -> object:
    """Ids as a form sends them: "V-1 V-2"."""
    return tuple(value.split()) if isinstance(value, str) else value


VacancyId = Annotated[str, StringConstraints(pattern=ID)]


class Entry(BaseModel):
    """Unknown fields are refused; errors never repeat the input."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Planned(Entry):
    """A visit was agreed on: when it begins, one of the city's times (`visits.times`)."""

    begins: AwareDatetime


class Attempted(Entry):
    """The assistant went, phoned or wrote. `happened_at`: when, if it is entered later."""

    result: Result
    note: Annotated[Text | None, Maybe] = None
    happened_at: Annotated[AwareDatetime | None, Maybe] = None


class Warned(Entry):
    """What whoever goes there must know (安全提示): a dog, to go in pairs. None: nothing any more."""

    safety: Annotated[Text | None, Maybe] = None


class Wished(Entry):
    """What the seeker looks for, put right: as `wishes.Wish`, the occupations in the seeker's own words."""

    occupations: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    pay: Annotated[int | None, Field(ge=0, le=1_000_000), Maybe] = None
    age: Annotated[int | None, Field(ge=16, le=100), Maybe] = None
    nights: bool = False
    near: Near = "city"


class Brought(Entry):
    """The vacancies to bring along, by their ids in the city's list."""

    vacancies: Annotated[tuple[VacancyId, ...], Field(max_length=10), BeforeValidator(_listed)] = ()


class HandedOver(Entry):
    """Another assistant of the unit, by staff number."""

    assistant: Officer


class FollowedUp(Entry):
    """What the follow-up (回访) found: codes.FOLLOW_UPS."""

    result: Literal["settled", "needs_help_again", "no_answer"]
    note: Annotated[Text | None, Maybe] = None


class Ended(ToldCompletion):
    """The outcome of the whole matter, with the words that the seeker will hear."""


Said = Planned | Attempted | Warned | Wished | Brought | HandedOver | FollowedUp | Ended
ENTRIES: Final[Mapping[str, type[Said]]] = {
    "plan": Planned,
    "attempt": Attempted,
    "safety": Warned,
    "wish": Wished,
    "bring": Brought,
    "assistant": HandedOver,
    "follow-up": FollowedUp,
    "outcome": Ended,
}
"""By the last part of its path."""


def dated(note: str | None, happened_at: datetime | None, shown: str) -> str | None:
    """The note with the time of what was entered later."""
    return note if happened_at is None else f"（{shown}）{note or ''}"
