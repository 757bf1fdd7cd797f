"""What is wrong with rules as a whole: a rule that no case reaches, and cases for which there is no rule.

Each is a mistake even though no case is lost by it (without a rule a person decides): whoever wrote the rules
meant something else.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from services.domain.entry import Problem
from services.domain.kinds import KIND_NAMES, Kind
from services.domain.names import Name
from services.domain.regions import Region, Space, TooManyPieces, shared, without
from services.domain.routing_rules import FIELD_OF
from services.domain.rule_entries import FILE, Rule
from services.domain.units import Roster

PLACES: Final[Mapping[str, Name]] = {
    "work_district": Name("用工地", "place of employment"),
    "employer_district": Name("单位地址", "employer's address"),
    "residence_district": Name("居住地", "residence"),
}


class Laid(NamedTuple):
    """The rules laid over all cases. `reached`: what comes to each rule; `left`: what comes to none."""

    reached: Sequence[Sequence[Region]]
    left: Sequence[Region]


def problems(rules: Sequence[Rule], roster: Roster, districts: Mapping[str, str]) -> Iterator[Problem]:
    """`districts`: code to name. Nothing is said of rules that cut the cases too finely to be looked at."""
    try:
        space = Space.of(rules, districts)
        laid = _lay(rules, space)
    except TooManyPieces:
        return
    for rule, reached in zip(rules, laid.reached, strict=True):
        if not reached:
            yield Problem(FILE, rule.id, *_unreachable(rule, rules, space))
        else:
            yield from _nobody(rule, reached, space, roster, districts)
    yield from _gaps(laid.left, space, districts)


def _lay(rules: Sequence[Rule], space: Space) -> Laid:
    reached: list[Sequence[Region]] = []
    left: list[Region] = space.everything()
    for rule in rules:
        region = space.region(rule.when)
        reached.append(shared(left, region))
        left = without(left, region)
    return Laid(reached, left)


def _unreachable(rule: Rule, rules: Sequence[Rule], space: Space) -> tuple[str, str]:
    mine = space.region(rule.when)
    if not shared(space.everything(), mine):
        return "条件互相矛盾，没有案件能符合", "its conditions contradict each other: no case fits"
    earlier = rules[: [one.id for one in rules].index(rule.id)]
    takers = [one.id for one in earlier if shared([mine], space.region(one.when))]
    whole = next((one for one in takers if not without([mine], _region(one, earlier, space))), None)
    ids = whole or ", ".join(takers)
    return f"永远轮不到：前面的 {ids} 已全部取走", f"is never reached: {ids} before it takes all its cases"


def _region(rule_id: str, rules: Sequence[Rule], space: Space) -> Region:
    return space.region(next(rule.when for rule in rules if rule.id == rule_id))


def _nobody(
    rule: Rule, reached: Sequence[Region], space: Space, roster: Roster, districts: Mapping[str, str]
) -> Iterator[Problem]:
    """Districts from which cases come to the rule, but where its service has no unit."""
    by = FIELD_OF.get(rule.to.by) if rule.to else None
    if rule.to is None or by is None:
        return
    served = {
        district
        for unit in roster.by_id.values()
        if unit.service == rule.to.service and roster.is_cared_for(unit)
        for district in unit.districts
    }
    from_there = {value for piece in reached for value in space.shown(piece, by)}
    missing = [name for code, name in districts.items() if code in from_there and code not in served]
    if missing:
        names, service = "、".join(missing), rule.to.service
        yield Problem(FILE, rule.id, f"{names}没有 {service} 单位", f"no unit of {service} in {names}")


def _gaps(left: Sequence[Region], space: Space, districts: Mapping[str, str]) -> Iterator[Problem]:
    """For each kind of case what has no rule: from which districts, if it is not all of them."""
    for kind in Kind:
        pieces = [piece for piece in left if kind in space.shown(piece, "kind")]
        if not pieces:
            continue
        told = [_where(pieces, field, name, space, districts) for field, name in PLACES.items()]
        zh, en = "，".join(one.zh for one in told if one), ", ".join(one.en for one in told if one)
        about, about_en = f"（{zh}）" if zh else "", f" ({en})" if en else ""
        kind_name = KIND_NAMES[kind].zh
        yield Problem(FILE, kind_name, f"有案件没有规则{about}", f"some cases have no rule{about_en}")


def _where(
    pieces: Sequence[Region], field: str, name: Name, space: Space, districts: Mapping[str, str]
) -> Name | None:
    missing = {value for piece in pieces for value in space.shown(piece, field)}
    named = [district for code, district in districts.items() if code in missing]
    if len(missing) == len(space.values[field]) or not named:
        return None
    return Name(f"{name.zh}：{'、'.join(named)}", f"{name.en}: {', '.join(named)}")
