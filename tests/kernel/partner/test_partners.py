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
