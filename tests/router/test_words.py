"""Every word of the router's pages exists in English, and every problem says the same in both languages."""

import re
from pathlib import Path

import pytest

from services import kernel, router
from services.kernel.catalogue import translations
from services.router.models import KINDS

FOLDER = Path(router.__path__[0])
ENGLISH = translations([Path(kernel.__path__[0]), FOLDER], "en")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def msgids() -> set[str]:
    found = set()
    for template in (FOLDER / "templates").glob("*.html"):
        found |= {text for _, text in re.findall(r"""_\((["'])(.+?)\1[,)]""", template.read_text("utf-8"))}
    return found


def test_every_word_of_the_pages_has_an_english_one() -> None:
    words = msgids()
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
