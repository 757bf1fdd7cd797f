"""Units and rules as texts: read block by block, every mistake at once with its line, rewritten in place."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.city import City, CityError
from services.domain.rule_book import RuleBook, Texts
from services.domain.unit_texts import with_unit
from services.domain.units import Unit
from tests.domain.city_folder import change

CITY = City.load(Path(__file__).parents[2] / "deploy/cities/nanjing")
SCRAPS = [
    '"',
    "[[rule]]\n",
    "[[ rule ]]\n",
    "[rule.when]\n",
    "=",
    "}",
    '"""',
    "\n",
    "id = 1\n",
    "#",
    "é",
    "[[unit]]\n",
]
TEXTS, NAMES = CITY.routing_texts, CITY.divisions.names()


def found(rules: str = TEXTS.rules, units: str = TEXTS.units) -> list[tuple[str, int | None, str]]:
    """File, line and reason of every mistake."""
    book = RuleBook.read(Texts(units, rules), NAMES)
    return [(one.file, one.line, one.en) for one in book.problems]


def line_of(text: str, wanted: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if wanted in line)


def test_the_texts_of_nanjing_say_what_the_folder_says() -> None:
    book = RuleBook.read(TEXTS, NAMES)
    assert (book.problems, book.units, book.rules) == ((), CITY.units, CITY.rules)
    assert book.version == CITY.rules_version


def test_mistakes_of_every_sort_are_named_at_once() -> None:
    rules = TEXTS.rules.replace('id = "social-help"', 'id = "social-help').replace(
        'by = "residence"', 'by = "moon"', 1
    )
    rules = rules.replace("urgency = ", "haste = ").replace('hold = "no_rule"', 'hold = "later"')
    units = TEXTS.units.replace('phone = "122"', 'phone = "one"').replace(
        'service = "helpdesk"', "service = helpdesk"
    )
    told = found(rules, units)
    assert ("rules.toml", line_of(rules, 'id = "social-help')) in [one[:2] for one in told]
    assert ("rules.toml", line_of(rules, 'by = "moon"')) in [one[:2] for one in told]
    assert ("units.toml", line_of(units, "service = helpdesk")) in [one[:2] for one in told]
    assert any("hold must be one of" in reason for *_, reason in told)
    assert len(told) == 4


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ("", "there is no [[rule]]"),
        ("版本", "is not TOML"),
        ('version = "x"\nverison = "y"\n' + TEXTS.rules.split("\n\n", 2)[2], "Extra inputs"),
        (TEXTS.rules.replace('version = "', '# version = "'), "the version is missing"),
        (TEXTS.rules + '\n[[rules]]\nid = "x"\n', "Extra inputs"),
    ],
)
def test_nonsense_is_a_mistake_and_never_an_error(rules: str, reason: str) -> None:
    assert any(reason in told for *_, told in found(rules)), found(rules)


def test_a_folder_with_a_mistake_names_its_line_too(folder: Path) -> None:
    change(folder, "rules.toml", 'unit = "helpdesk-122"', 'unit = "helpdesk-110"')
    with pytest.raises(CityError) as caught:
        City.load(folder)
    (problem,) = (one for one in caught.value.problems if one.entry == "social-help")
    text = (folder / "rules.toml").read_text("utf-8")
    assert problem.line == line_of(text, 'id = "social-help"') - 1
    assert f"rules.toml:{problem.line}: social-help" in str(problem)


def test_every_unit_is_written_as_it_was_read() -> None:
    text = TEXTS.units
    for unit in CITY.units:
        text = with_unit(text, unit)
    assert text == TEXTS.units
    assert RuleBook.parse(Texts(text, TEXTS.rules)).units == CITY.units


def test_a_units_every_field_comes_back() -> None:
    unit = Unit.model_validate(
        {
            "id": "employment-moling", "type": "neighbourhood_office", "service": "employment",
            "name": '秣陵"街道"服务所', "name_en": "Moling\\Office", "streets": ["320115002"],
            "phone": "025-12345678", "superior": "employment-jiangning", "successor": "employment-jiangning",
            "hours": [{"opens": "09:00", "closes": "12:00"}], "suspended": True, "closed": True,
            "contacts": [{"zh": "窗口", "en": "Window", "phone": "025-87654321"}],
        }
    )  # fmt: skip
    text = with_unit(TEXTS.units, unit)
    assert text.startswith(TEXTS.units.rstrip("\n"))
    assert RuleBook.parse(Texts(text, TEXTS.rules)).units[-1] == unit
    assert with_unit(text, unit) == text


def test_comments_between_units_stay_when_one_is_changed() -> None:
    desk = CITY.unit("helpdesk-122").model_copy(update={"phone": "025-55551220"})
    before, after = TEXTS.units.splitlines(), with_unit(TEXTS.units, desk).splitlines()
    assert [line for line in before if line.startswith("#")] == [
        line for line in after if line.startswith("#")
    ]
    assert set(before) - set(after) == {'phone = "122"'}


@given(st.lists(st.tuples(st.integers(0, 10_000), st.sampled_from(SCRAPS)), max_size=6))
def test_a_file_cut_and_spoilt_anywhere_is_read_or_refused_and_nothing_breaks(
    cuts: list[tuple[int, str]],
) -> None:
    rules = TEXTS.rules
    for place, scrap in cuts:
        rules = rules[:place] + scrap + rules[place + len(scrap) :]
    book = RuleBook.read(Texts(TEXTS.units, rules), NAMES)
    assert all(one.line is None or 0 < one.line <= rules.count("\n") + 1 for one in book.problems)
