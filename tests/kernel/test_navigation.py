"""The navigation is data: read in order, and a mistake in it ends the start with its place."""

from pathlib import Path

import pytest

from services.kernel.navigation import FILE, Navigation, NavItem
from services.kernel.roles import Principal
from tests.kernel.front import NAVIGATION


def folder(place: Path, name: str, content: str) -> Path:
    (place / name).mkdir()
    (place / name / FILE).write_text(content, "utf-8")
    return place / name


def test_entries_come_in_the_order_of_folders_and_files(tmp_path: Path) -> None:
    first = folder(
        tmp_path, "b", '[[page]]\npath = "/2"\nlabel = "二"\n\n[[page]]\npath = "/1"\nlabel = "一"\n'
    )
    second = folder(
        tmp_path, "a", '[search]\npath = "/s"\nlabel = "找"\npermission = "case.read"\n\n[[page]]\n'
        'path = "/3"\nlabel = "三"\nhint = "说明"\nkey = "g s"\n',
    )  # fmt: skip
    found = Navigation.read([first, tmp_path / "without", second])
    assert [item.path for item in found.pages] == ["/2", "/1", "/3"]
    assert found.pages[-1] == NavItem("/3", "三", None, "说明", "g s")
    assert found.searches == (NavItem("/s", "找", "case.read"),)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('[[page]]\npath = "/x"\nlabel = "x"\npermission = "case.raed"\n', "'case.raed'"),
        ('[[page]]\npath = "/x"\nlabel = "x"\nhnit = "x"\n', "/x .*hnit"),
        ('[[page]]\npath = "/x"\n', "/x .*label"),
        ('[[pages]]\npath = "/x"\nlabel = "x"\n', "unknown pages"),
    ],
)
def test_a_mistake_is_named_with_its_file(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(ValueError, match=f"{FILE}.*{said}"):
        Navigation.read([folder(tmp_path, "a", content)])


def test_an_entry_is_shown_to_those_who_may_open_it() -> None:
    desk, report = NAVIGATION.pages
    agent, officer = (Principal("somebody", role, "person") for role in ("agent", "officer"))
    assert [desk.is_for(who) for who in (agent, officer, None)] == [True, False, False]
    assert report.is_for(None)
