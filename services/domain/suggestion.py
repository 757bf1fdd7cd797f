"""What a text is probably about: a hint for whoever writes the case down, no decision.

Precision before recall: a case of the wrong kind goes to the wrong unit, a case of no kind to a person. Kind
and confidence come from trained weights (suggestion_model.py); complaint or report, urgency and whether many
are concerned, from the words of the city folder.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Final, NamedTuple

from pydantic import Field, field_validator

from services.domain.entry import Entry, Said
from services.domain.kinds import Kind, ReportType
from services.domain.places import Confidence
from services.domain.suggestion_model import Model, mark_shares, shipped
from services.domain.word_groups import GROUPS, WordGroups
from services.domain.word_lists import WordList, plain

FILE: Final = "words.toml"
_SHOWN: Final = 5
_READ: Final = 4000  # characters: room for what is not counted before the 2,000 that are
TOPIC: Final = "topic_"
Topic = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
SomeWords = Annotated[tuple[Said, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`kind`: the best guess, also when unsure. `evidence`: what decided, strongest first: words of the city
    folder, and runs of characters of the model. `mass`: several workers of one employer are concerned
    (劳动保障监察条例 art 14).
    """

    kind: Kind
    report_type: ReportType | None
    urgent: bool
    mass: bool
    evidence: tuple[str, ...]
    confidence: Confidence

    @property
    def settled(self) -> Kind:
        """The kind to go by where nobody chose one: unsure is "other", which a person looks at."""
        return Kind.OTHER if self.confidence == "unsure" else self.kind


class Words(Entry):
    """words.toml. `group`: words of one meaning, by the names in word_groups.GROUPS.

    `own`: words of somebody harmed, which make a wage case a complaint (投诉), `not_own` aside; else it is a
    report (举报). `urgent`, `mass`: words that say so. `topic`: words of what an inquiry asks about, by
    the tag that rules go by (`TOPIC` before it).
    """

    group: Mapping[str, SomeWords]
    own: SomeWords
    not_own: SomeWords
    urgent: SomeWords
    mass: SomeWords
    topic: Mapping[Topic, SomeWords] = Field(default_factory=dict)

    @field_validator("group")
    @classmethod
    def _all_that_weights_exist_for(cls, group: Mapping[str, SomeWords]) -> Mapping[str, SomeWords]:
        if wrong := sorted(set(GROUPS) ^ set(group)):
            raise ValueError(f"{wrong[0]}: the groups are exactly {', '.join(GROUPS)}")
        return group

    @cached_property
    def groups(self) -> WordGroups:
        return WordGroups.of(self.group)

    @cached_property
    def lists(self) -> tuple[WordList, WordList, WordList, WordList]:
        """Own, not own, urgent, mass."""
        own, not_own, urgent, mass = map(WordList.of, (self.own, self.not_own, self.urgent, self.mass))
        return own, not_own, urgent, mass

    @cached_property
    def topics(self) -> Mapping[str, WordList]:
        return {TOPIC + code: WordList.of(words) for code, words in self.topic.items()}


class Weighed(NamedTuple):
    """Both readers' scores together, by how much the first choice leads, and whether it is first for both."""

    kind: Kind
    second: Kind
    lead: float
    agreed: bool
    scores: tuple[float, ...]


def suggest(text: str, words: Words, model: Model | None = None) -> Suggestion:
    """What `text` (subject first, if it has one) is about. One that says nothing known is "other", unsure."""
    read, model = plain(text[:_READ]), model or shipped()
    own, not_own, urgent_words, mass_words = words.lists
    urgent = urgent_words.first_in(read) is not None
    found = words.groups.find(read)
    runs, marks = model.run_shares(read), mark_shares(found.marks)
    weighed = weigh(model, runs, marks)
    if not marks and all(len(run.strip("^ ")) < 2 for run in runs):
        return Suggestion(Kind.OTHER, None, urgent, False, (), "unsure")
    report_type, mass = None, False
    if weighed.kind is Kind.WAGE_ARREARS:
        harmed = own.first_in(not_own.without(read))
        report_type = ReportType.COMPLAINT if harmed is not None else ReportType.REPORT
        mass = mass_words.first_in(read) is not None
    kinds, sure = (weighed.kind, weighed.second), confidence(weighed, model)
    evidence = words_for(model, kinds, marks, found.words) or runs_for(model, kinds, runs)
    if sure == "unsure" and urgent and weighed.kind is Kind.SOCIAL_HELP:
        sure = "likely"  # somebody in danger waits for nobody's second look
    return Suggestion(weighed.kind, report_type, urgent, mass, evidence, sure)


def topics(text: str, words: Words) -> tuple[str, ...]:
    """What an inquiry asks about, as tags in the folder's order; several where several are named."""
    read = plain(text[:_READ])
    return tuple(tag for tag, known in words.topics.items() if known.first_in(read) is not None)


def confidence(weighed: Weighed, model: Model) -> Confidence:
    """Certain needs two readers of one mind."""
    if weighed.lead < model.likely[weighed.kind]:
        return "unsure"
    return "certain" if weighed.agreed and weighed.lead >= model.certain else "likely"


def weigh(model: Model, runs: Mapping[str, float], marks: Mapping[str, float]) -> Weighed:
    """Both readers' scores added up. What is equal goes by the order of the model's kinds."""
    by_runs, by_words = model.by_runs.score(runs), model.by_words.score(marks)
    totals = [one + other for one, other in zip(by_runs, by_words, strict=True)]
    first, second, *_ = sorted(range(len(totals)), key=totals.__getitem__, reverse=True)
    agreed = by_runs[first] == max(by_runs) and by_words[first] == max(by_words)
    lead = totals[first] - totals[second]
    return Weighed(model.kinds[first], model.kinds[second], lead, agreed, tuple(totals))


def words_for(
    model: Model, kinds: tuple[Kind, Kind], marks: Mapping[str, float], words: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    """The folder's words in the text that speak for the first kind rather than for the second."""
    by_word: defaultdict[str, float] = defaultdict(float)
    for mark, effect in model.by_words.effects(marks, *map(model.kinds.index, kinds)).items():
        for group in mark.removeprefix("^").split("+"):
            by_word[words[group][0]] += effect
    return _strongest(by_word)


def runs_for(model: Model, kinds: tuple[Kind, Kind], runs: Mapping[str, float]) -> tuple[str, ...]:
    """The same of runs of two or three characters."""
    by_run: defaultdict[str, float] = defaultdict(float)
    for run, effect in model.by_runs.effects(runs, *map(model.kinds.index, kinds)).items():
        if len(shown := run.removeprefix("^").strip(" 0,。")) > 1:
            by_run[shown] += effect
    return _strongest(by_run)


def _strongest(effects: Mapping[str, float]) -> tuple[str, ...]:
    """Those that speak for the kind, strongest first, none inside another."""
    chosen: list[str] = []
    for word, effect in sorted(effects.items(), key=lambda one: one[1], reverse=True):
        if effect <= 0 or len(chosen) == _SHOWN:
            break
        if not _inside(word, chosen):
            chosen.append(word)
    return tuple(chosen)


def _inside(word: str, others: Iterable[str]) -> bool:
    return any(word in other or other in word for other in others)
