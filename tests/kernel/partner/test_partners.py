"""partners.json: which units have a system of their own."""

from pathlib import Path

import pytest

from services.kernel.partners import WORKLIST, Partner, Partners, PartnersError


def write(folder: Path, text: str) -> Path:
    path = folder / "partners.json"
    path.write_text(text)
    return path


def test_without_a_file_every_unit_works_on_the_worklist(tmp_path: Path) -> None:
    assert Partners.load(tmp_path / "none.json").of("inspection-jiangning") == WORKLIST


def test_a_unit_has_its_endpoint_and_the_others_the_worklist(tmp_path: Path) -> None:
    path = write(
        tmp_path, '{"helpdesk-122": {"endpoint": "http://127.0.0.1:9/x/", "allow": ["127.0.0.0/8"]}}'
    )
    partners = Partners.load(path)
    assert partners.of("helpdesk-122") == Partner("http://127.0.0.1:9/x", ("127.0.0.0/8",))
    assert partners.of("inspection-gulou") == WORKLIST


def test_a_unit_may_share_a_folder_instead(tmp_path: Path) -> None:
    partners = Partners.load(write(tmp_path, '{"employment-gulou": {"folder": "/srv/units/gulou"}}'))
    assert partners.of("employment-gulou") == Partner(folder=Path("/srv/units/gulou"))
    assert [one.via for one in (partners.of("employment-gulou"), WORKLIST)] == ["file", "worklist"]


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ('{"endpoint": "ftp://x"}', "https://"),
        ('{"endpoint": "https://u:p@x"}', "user name"),
        ('{"endpoint": "https://x/?a=b"}', "must not hold ?"),
        ('{"endpoint": "http://10.0.0.1"}', "allow"),
        ('{"endpoint": "https://x", "allow": ["everything"]}', "allow"),
        ('{"endpoint": "https://x", "secret": "y"}', "secret"),
        ("{}", "endpoint"),
        ('{"endpoint": "https://x", "folder": "/srv/x"}', "one of endpoint and folder"),
        ('{"folder": "srv/x"}', "absolute path"),
    ],
)
def test_a_wrong_entry_is_named_with_its_unit(tmp_path: Path, entry: str, why: str) -> None:
    path = write(tmp_path, f'{{"inspection-gulou": {entry}}}')
    with pytest.raises(PartnersError) as wrong:
        Partners.load(path)
    assert "inspection-gulou" in str(wrong.value)
    assert why in str(wrong.value)


@pytest.mark.parametrize("text", ["", "[]", "{", "\x00"])
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(PartnersError):
        Partners.load(write(tmp_path, text))
