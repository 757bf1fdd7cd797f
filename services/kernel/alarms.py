"""Alarms as rules: a figure that is too high for too long, and the sentence for whoever has to look.

The rules stand in alarms.toml, where an official can read and change them. Since when a figure is too high is
remembered in the process: after a restart it counts anew.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from services.kernel.figures import FIGURES

RULES_FILE: Final = Path(__file__).parent / "alarms.toml"


@dataclass(frozen=True, slots=True)
class Rule:
    """`metric` above `above` for `seconds`: an alarm."""

    name: str
    metric: str
    above: float
    seconds: float
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """A rule that holds, with the figure as it is now and since when it is too high."""

    rule: Rule
    value: float
    since: datetime


@dataclass
class Alarms:
    """Of one service."""

    rules: Sequence[Rule]
    _since: dict[str, datetime] = field(default_factory=dict)
    values: Mapping[str, float] = field(default_factory=dict)

    def see(self, figures: Mapping[str, float], now: datetime) -> None:
        """The figures as they are now."""
        self.values = figures
        for rule in self.rules:
            if figures.get(rule.metric, 0.0) > rule.above:
                self._since.setdefault(rule.name, now)
            else:
                self._since.pop(rule.name, None)

    def ringing(self, now: datetime) -> list[Alarm]:
        """What somebody has to look at, in the order of the rules."""
        return [
            Alarm(rule, self.values[rule.metric], since)
            for rule in self.rules
            if (since := self._since.get(rule.name)) is not None
            and now - since >= timedelta(seconds=rule.seconds)
        ]


def read_rules(path: Path = RULES_FILE) -> tuple[Rule, ...]:
    """The rules of a file. ValueError names the rule that cannot be used, and why."""
    rules = []
    for name, row in tomllib.loads(path.read_text("utf-8")).items():
        try:
            rule = Rule(name=name, **row)
        except TypeError as error:
            raise ValueError(f"{path}: [{name}] {error}") from None
        if rule.metric not in FIGURES:
            raise ValueError(
                f"{path}: [{name}] there is no figure {rule.metric!r}; known: {', '.join(FIGURES)}"
            )
        if not all(isinstance(one, int | float) and one >= 0 for one in (rule.above, rule.seconds)):
            raise ValueError(f"{path}: [{name}] above and seconds are numbers from 0 on")
        rules.append(rule)
    return tuple(rules)


RULES: Final = read_rules()
