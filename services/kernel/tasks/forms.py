"""The forms of a task's page: what is sent becomes what a unit says, or sentences beside the fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pydantic import ValidationError

from services.kernel.tasks.actions import Acceptance, Progress, Said
from services.kernel.tasks.life import Step
from services.kernel.tasks.officers import ReasonedObjection, ToldCompletion
from services.kernel.validation import sentences_of

FORMS: Final[Mapping[Step, type[Said]]] = {
    Step.ACCEPT: Acceptance,
    Step.OBJECT: ReasonedObjection,
    Step.PROGRESS: Progress,
    Step.COMPLETE: ToldCompletion,
}


@dataclass(frozen=True)
class Filled:
    """A form as it was sent: kept when something was wrong, so that nothing typed is lost.

    Both by the name of what is said; in the page every field has its step before it, such as "object_note".
    """

    step: Step
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def listed(self) -> list[tuple[str, str]]:
        """For the summary above the page: (id of the field, sentence)."""
        return [(f"{self.step}_{name}", text) for name, text in self.errors.items()]

    @property
    def typed(self) -> list[str]:
        """The words that would be lost if the form is not shown again."""
        return [text for name, text in self.values.items() if name in ("note", "summary") and text.strip()]


def given_in(step: Step, sent: Mapping[str, str]) -> dict[str, str]:
    """What the form of this step held, by the name of what is said."""
    names = FORMS[step].model_fields
    return {name: sent[f"{step}_{name}"] for name in names if f"{step}_{name}" in sent}


def read_form(step: Step, given: Mapping[str, str], language: str) -> Said | Filled:
    """What was said; or the form again, with a sentence for each wrong field. One left empty is missing."""
    written = {name: value for name, value in given.items() if value.strip()}
    try:
        return FORMS[step].model_validate(written)
    except ValidationError as error:
        return Filled(step, given, sentences_of(error.errors(include_url=False), language))
