"""How a unit handles a matter, stage by stage (办案程序), as a table that an official can read and check.

    [[stage]]                     # procedure.toml of the adapter
    code = "investigating"        # what TaskProgressed says
    after = ["opened"]            # the stages from which it may follow; "" is the beginning
    officers = 2                  # at least so many, none of them recused
    article = "劳动保障监察条例第十六条"

    [[outcome]]
    code = "not_accepted"         # what OutcomeReported says
    after = ["", "more_information_needed"]
    needs = ["article"]

A step that is no stage (a phone call, a visit) is possible at any time; an outcome without a row as well.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from services.domain.names import Name
from services.domain.refusals import Refusal

BEGINNING: Final = ""
NEEDS: Final = frozenset({"article", "note", "referred_to", "amount_recovered", "taken_over_by", "hand_back"})
_SENTENCES: Final[Mapping[str, Name]] = {
    "article": Name("请写明依据的条款。", "Name the article that this rests on."),
    "note": Name("请写明情况。", "Say what happened."),
    "referred_to": Name("请选择移送到哪里。", "Choose where it is transferred to."),
    "taken_over_by": Name("请填写由谁接手（姓名或工号）。", "Say who took over, by name or number."),
    "hand_back": Name("请选择交回哪一类事项。", "Choose the kind of the matter that is handed back."),
    "amount_recovered": Name("请填写追回金额，没有就填 0。", "Give the amount recovered, 0 if none."),
}


@dataclass(frozen=True)
class Rule:
    """A row: a stage or an outcome. `after` None: from every stage. `article`: where it is laid down."""

    code: str
    after: tuple[str, ...] | None = None
    officers: int = 0
    needs: tuple[str, ...] = ()
    article: str = ""
    recuses: bool = False


@dataclass(frozen=True)
class Procedure:
    """The stages and outcomes of one service's units, by code and in their order."""

    stages: Mapping[str, Rule] = field(default_factory=dict)
    outcomes: Mapping[str, Rule] = field(default_factory=dict)

    def possible(self, stage: str | None) -> tuple[str, ...]:
        """The stages that may follow."""
        return tuple(code for code, rule in self.stages.items() if _follows(rule, stage))

    @property
    def asked(self) -> frozenset[str]:
        """What some stage needs: the fields that the desk's form shows. "officers": who handles it."""
        rules = self.stages.values()
        asked = {name for rule in rules for name in rule.needs}
        return frozenset(asked | {"officers" for rule in rules if rule.officers or rule.recuses})

    @property
    def asked_at_the_end(self) -> frozenset[str]:
        """The same of its outcomes."""
        return frozenset(name for rule in self.outcomes.values() for name in rule.needs)

    def article(self, stage: str | None) -> str:
        """Where the present stage is laid down; "" where nothing is."""
        found = self.stages.get(stage or BEGINNING)
        return found.article if found else ""


def load(folder: Path) -> Procedure:
    """The adapter's procedure.toml; one without the file has no stages. ValueError names what is wrong."""
    path = folder / "procedure.toml"
    return _read(path) if path.is_file() else Procedure()


@cache
def _read(path: Path) -> Procedure:
    table = tomllib.loads(path.read_text("utf-8"))
    stages = {row["code"]: _rule(path, row) for row in table.get("stage", ())}
    outcomes = {row["code"]: _rule(path, row) for row in table.get("outcome", ())}
    known = {BEGINNING, *stages}
    for rule in (*stages.values(), *outcomes.values()):
        if unknown := sorted(set(rule.after or ()) - known):
            raise ValueError(f"{path}: [{rule.code}] follows an unknown stage {unknown[0]!r}")
        if unknown := sorted(set(rule.needs) - NEEDS):
            raise ValueError(f"{path}: [{rule.code}] needs an unknown field {unknown[0]!r}")
    return Procedure(stages, outcomes)


def _rule(path: Path, row: Mapping[str, object]) -> Rule:
    given = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    try:
        return Rule(**given)  # type: ignore[arg-type]  # a wrong type shows in the checks that follow
    except TypeError as error:
        raise ValueError(f"{path}: [{row.get('code', '?')}] {error}") from None


def follow(rule: Rule, stage: str | None) -> None:
    """Raise Refusal `stage-out-of-order` where the rule may not follow this stage."""
    if not _follows(rule, stage):
        raise Refusal(
            "stage-out-of-order",
            "按办案程序，目前还不能这样办理，没有做任何改动。",
            "The procedure does not allow this step yet. Nothing was changed.",
        )


def require(rule: Rule, given: Mapping[str, object]) -> None:
    """Raise Refusal `stage-incomplete`, at its field, for what the rule needs and nobody gave."""
    for name in rule.needs:
        if given.get(name) in (None, ""):
            said = _SENTENCES[name]
            raise Refusal("stage-incomplete", said.zh, said.en, name)


def staff(rule: Rule, officers: tuple[str, ...], recused: tuple[str, ...]) -> None:
    """Raise Refusal `stage-incomplete`: too few officers, or one who must stand aside (回避).

    劳动保障监察条例 art 16: no fewer than two; who has an interest in the matter takes no part in it.
    """
    if rule.recuses:
        if not officers:
            raise Refusal(
                "stage-incomplete",
                "请填写回避人员的工号。",
                "Say who stands aside: the staff number.",
                "officers",
            )
        return
    if barred := set(officers) & set(recused):
        who = sorted(barred)[0]
        raise Refusal(
            "stage-incomplete",
            f"工号 {who} 已在本案回避，请换人。",
            f"Officer {who} is recused from this matter: name another.",
            "officers",
        )
    if len(set(officers)) < rule.officers:
        raise Refusal(
            "stage-incomplete",
            f"这一步须有 {rule.officers} 名以上办案人员，请填写工号。",
            f"This step needs {rule.officers} officers: give their staff numbers.",
            "officers",
        )


def _follows(rule: Rule, stage: str | None) -> bool:
    return rule.after is None or (stage or BEGINNING) in rule.after
