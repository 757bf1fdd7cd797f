"""The help desk's words: who needs help, and where that person is."""

from services.helpdesk_adapter.service import DESK
from services.helpdesk_adapter.translate import need, person, translate, whereabouts
from tests.kernel.tasks.kinds import HOME, NAME, RECORD


def test_the_complete_record_travels_and_says_where_to_look_first() -> None:
    sent = translate(RECORD)
    assert (sent["person"], sent["whereabouts"]) == (RECORD["caller"], HOME)
    rest = {name: value for name, value in RECORD.items() if name != "caller"}
    assert {name: sent[name] for name in rest} == rest


def test_without_a_residence_the_place_of_work_is_where_to_look() -> None:
    assert whereabouts(RECORD | {"caller": None}) == "江宁区天元路1号"
    assert translate({"caller": None, "employer": {}})["whereabouts"] is None


def test_the_worklist_shows_who_and_the_number_to_ring() -> None:
    assert person(RECORD) == f"{NAME} 138 0013 8000"
    assert need(RECORD) == RECORD["text"]
    assert [column.value({}) for column in DESK.columns] == ["", "", ""]
