"""A centre's words: everything travels, and the worklist shows no whole name."""

from services.employment_adapter.service import DESK
from services.employment_adapter.translate import RENAMED, home, seeker, translate, wish
from tests.kernel.tasks.kinds import HOME, NAME, RECORD


def test_the_complete_record_travels_under_the_centres_names() -> None:
    sent = translate(RECORD)
    assert sent["job_seeker"] == RECORD["caller"]
    assert sent["former_employer"] == RECORD["employer"]
    assert {RENAMED.get(name, name): value for name, value in RECORD.items()} == sent


def test_the_worklist_shows_the_family_name_and_where_to_go() -> None:
    assert (seeker(RECORD), home(RECORD)) == ("王**", HOME)
    assert NAME not in " ".join(column.value(RECORD) for column in DESK.columns)
    assert [column.value({}) for column in DESK.columns] == ["", "", ""]


def test_a_long_wish_is_cut_in_the_list_only() -> None:
    assert wish(RECORD | {"text": "工" * 100}) == "工" * 40 + "…"
    assert translate(RECORD | {"text": "工" * 100})["text"] == "工" * 100
