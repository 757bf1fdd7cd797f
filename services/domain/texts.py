"""What the city says: text messages, sentences of the timeline, names of codes (texts.toml).

A text has named places to fill (`{number}`). A part in square brackets is left out where one of its values is
missing, so "已受理[，经办人 {officer}]" reads well with and without an officer.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from services.domain.entry import Entry, Problem, Said, Wording
from services.domain.kinds import CHANNEL_NAMES, KIND_NAMES, REPORT_TYPE_NAMES
from services.domain.names import Name

FILE = "texts.toml"
_PLACE = re.compile(r"\{([^{}]*)\}")
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")

_FIXED: Final[Mapping[str, Mapping[str, Name]]] = {
    "kind": {kind.value: name for kind, name in KIND_NAMES.items()},
    "report_type": {report_type.value: name for report_type, name in REPORT_TYPE_NAMES.items()},
    "channel": {channel.value: name for channel, name in CHANNEL_NAMES.items()},
}
"""Closed vocabularies have their names in the program; a city may still give its own."""

SMS: Final[Mapping[str, frozenset[str]]] = {
    "received": frozenset({"number", "code"}),
    "answered": frozenset({"number"}),
    "outcome": frozenset({"number", "unit_name", "amount"}),
    "unreachable": frozenset({"number"}),
    "extended": frozenset({"number", "due", "reason"}),
    "alert": frozenset({"number", "unit_name", "reason", "code", "link"}),
}
"""What each text message may hold. `number` grouped, `code` the tracking code, `amount` with its currency.

"alert" goes to an officer: its `code` is what they send back, `link` leads to the page that says the same."""

_PLAIN: Final = tuple(key for key in SMS if key != "outcome")

TIMELINE: Final[Mapping[str, frozenset[str]]] = {
    "CaseReceived": frozenset({"number", "kind", "report_type", "channel"}),
    "CaseCorrected": frozenset({"changed"}),
    "CaseRouted": frozenset({"unit_name", "district", "urgency", "accept_by", "rule", "version", "bounces"}),
    "CaseHeld": frozenset({"reason"}),
    "TaskDelivered": frozenset({"unit_name", "via", "reference"}),
    "TaskUndeliverable": frozenset({"unit_name", "reason"}),
    "TaskAccepted": frozenset({"unit_name", "officer"}),
    "TaskObjected": frozenset({"unit_name", "reason", "proposed_unit_name"}),
    "TaskProgressed": frozenset(
        {"unit_name", "step", "article", "referred_to", "taken_over_at", "hand_back"}
    ),
    "OutcomeReported": frozenset({"unit_name", "outcome", "amount", "article", "referred_to"}),
    "AnswerGiven": frozenset(),
    "NoteAdded": frozenset(),
    "CallAttached": frozenset({"channel"}),
    "CaseSplit": frozenset({"kind", "number"}),
    "CaseMerged": frozenset({"number"}),
    "CaseTaken": frozenset({"owner"}),
    "ClusterAlarmed": frozenset({"level", "over", "days", "callers", "workers", "owed"}),
    "ClusterJoined": frozenset({"level", "over", "days", "callers", "workers", "owed"}),
    "DeadlineApproaching": frozenset({"clock", "due", "article", "unit_name"}),
    "DeadlineMissed": frozenset({"clock", "due", "article", "unit_name"}),
    "DeadlineMet": frozenset({"clock", "due", "article", "unit_name", "late"}),
    "DeadlinePaused": frozenset({"clock", "reason", "article", "unit_name"}),
    "DeadlineResumed": frozenset({"clock", "due", "article", "unit_name", "provisional"}),
    "DeadlineExtended": frozenset(
        {"clock", "due", "article", "approved_by", "reason", "unit_name", "provisional"}
    ),
    "DeadlineRecomputed": frozenset({"clock", "due", "was", "article", "unit_name", "provisional"}),
    "StaffAlerted": frozenset({"unit_name", "staff", "reason", "clock"}),
    "AlertAcknowledged": frozenset({"unit_name", "staff", "channel"}),
    "CallerInformed": frozenset({"channel", "about", "attempts"}),
    "CallerUnreachable": frozenset({"channel", "attempts"}),
    "CaseClosed": frozenset({"reason"}),
    "CaseReopened": frozenset(),
    "CaseErased": frozenset(),
    "UnitClosed": frozenset({"unit_name", "successor_name"}),
}
"""What each event's sentence may hold: never a sealed field."""


class SmsTexts(Entry):
    """The text messages. `outcome`: by outcome code; "other" stands in for a code that has no text."""

    received: Wording
    answered: Wording
    outcome: dict[Said, Wording]
    unreachable: Wording
    extended: Wording
    alert: Wording


class Texts(Entry):
    """texts.toml. `names`: group (hold, outcome, step …) to code to name."""

    sms: SmsTexts
    timeline: dict[Said, Wording]
    names: dict[Said, dict[Said, Wording]]

    def name(self, group: str, code: str, language: str) -> str:
        """The name of a code; one that nobody named is called by its group's "other", or itself."""
        names = self.names.get(group, {})
        name = names.get(code) or _FIXED.get(group, {}).get(code) or names.get("other")
        return code if name is None else name.in_language(language)

    def message(self, key: str, language: str, values: Mapping[str, str]) -> str:
        """A text message: a key of SMS, or "outcome.<code>". KeyError for another, or a missing value."""
        group, _, code = key.partition(".")
        if group == "outcome":
            wording = self.sms.outcome.get(code, self.sms.outcome["other"])
        else:
            wording = self._plain(key)
        return fill(wording.in_language(language), values)

    def _plain(self, key: str) -> Wording:
        if key not in _PLAIN:
            raise KeyError(key)
        wording: Wording = getattr(self.sms, key)
        return wording


def fill(template: str, values: Mapping[str, str]) -> str:
    """The text, filled; an empty value counts as missing. KeyError for one that cannot be left out."""

    def optional(part: re.Match[str]) -> str:
        return part[1] if all(values.get(name) for name in _PLACE.findall(part[1])) else ""

    return _PLACE.sub(lambda place: values[place[1]], _OPTIONAL.sub(optional, template))


def problems(texts: Texts) -> Iterator[Problem]:
    """Sentences that are missing, places that nothing fills, events that do not exist."""
    if "other" not in texts.sms.outcome:
        yield Problem(FILE, "sms.outcome", "缺少 other", "other is missing")
    for name in TIMELINE.keys() - texts.timeline.keys():
        yield Problem(FILE, f"timeline.{name}", "缺少", "is missing")
    for name in texts.timeline.keys() - TIMELINE.keys():
        yield Problem(FILE, f"timeline.{name}", "没有这种事件", "there is no such event")
    for entry, wording, allowed in _wordings(texts):
        for language, template in (("zh", wording.zh), ("en", wording.en)):
            yield from _loose_places(f"{entry}.{language}", template, allowed)


def _wordings(texts: Texts) -> Iterator[tuple[str, Wording, frozenset[str]]]:
    for key in _PLAIN:
        yield f"sms.{key}", getattr(texts.sms, key), SMS[key]
    for code, wording in texts.sms.outcome.items():
        yield f"sms.outcome.{code}", wording, SMS["outcome"]
    for name, wording in texts.timeline.items():
        yield f"timeline.{name}", wording, TIMELINE.get(name, frozenset()) | {"by"}
    for group, names in texts.names.items():
        for code, wording in names.items():
            yield f"names.{group}.{code}", wording, frozenset()


def _loose_places(entry: str, template: str, allowed: frozenset[str]) -> Iterator[Problem]:
    for place in sorted(set(_PLACE.findall(template)) - allowed):
        may = "、".join(sorted(allowed)) or "—"
        yield Problem(
            FILE,
            entry,
            f"不认识的占位 {{{place}}}，可用：{may}",
            f"{{{place}}} is not filled; allowed: {may}",
        )
    rest = _OPTIONAL.sub(r"\1", _PLACE.sub("", template))
    if any(mark in rest for mark in "{}[]"):
        yield Problem(FILE, entry, "括号不成对", "a bracket has no partner")
