"""Every word of intake's pages exists in English, and every problem says the same in both languages."""

import re
from pathlib import Path

import pytest

from services import intake, kernel
from services.domain.events import EVENTS
from services.domain.life import STATUS_NAMES
from services.intake.creation import KINDS
from services.intake.words import ICONS, Words
from services.kernel.catalogue import translations
from tests.intake.hotline import CITY, Hotline

FOLDER = Path(intake.__path__[0])
ENGLISH = translations([Path(kernel.__path__[0]), FOLDER], "en")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def msgids() -> set[str]:
    found = set()
    for template in (FOLDER / "templates").glob("*.html"):
        found |= {text for _, text in re.findall(r"""_\((["'])(.+?)\1\)""", template.read_text("utf-8"))}
    return found


async def test_every_word_of_the_pages_has_an_english_one(desk: Hotline) -> None:
    nav = [item for router in desk.service.routes for item in getattr(router, "nav", ())]
    words = msgids() | {text for item in nav for text in (item.label, item.hint)}
    assert len(words) > 100
    assert {word for word in words if CHINESE.search(word) and ENGLISH.gettext(word) == word} == set()


def test_no_template_says_anything_outside_the_catalogue() -> None:
    for template in (FOLDER / "templates").glob("*.html"):
        said = re.sub(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", "", template.read_text("utf-8"), flags=re.DOTALL)
        assert not CHINESE.findall(said), template.name


@pytest.mark.parametrize("slug", KINDS)
def test_a_problem_is_a_sentence_in_both_languages(slug: str) -> None:
    kind = KINDS[slug]
    assert 400 <= kind.status < 500
    assert CHINESE.search(kind.zh)
    assert kind.zh.endswith("。")
    assert kind.en.endswith(".")
    assert not CHINESE.search(kind.en + kind.title_en)


def test_every_event_has_a_sign_and_every_code_a_name() -> None:
    assert set(EVENTS) - set(ICONS) == {"UnitClosed"}, "which belongs to no case"
    for language in ("zh", "en"):
        words = Words(CITY, "en" if language == "en" else "zh")
        assert [name for _, name in words.statuses] == [
            name.in_language(language) for name in STATUS_NAMES.values()
        ]
        for _, name in (*words.kinds, *words.report_types, *words.channels, *words.districts):
            assert bool(CHINESE.search(name)) is (language == "zh")
