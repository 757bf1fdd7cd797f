"""Statements compiled once: the same on both databases, in values, in rows and in what they refuse."""

from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

import pytest
from sqlalchemy import bindparam, func, insert, select, text, update

from services.kernel.among import among
from services.kernel.columns import table
from services.kernel.delivery.models import DeliveryRow
from services.kernel.outbox import Outgoing
from services.kernel.sql import DIALECTS, Sql

ROWS = table(DeliveryRow)
CASE = UUID(int=7)
AT = datetime(2026, 9, 30, 15, tzinfo=UTC)


class Found(NamedTuple):
    id: UUID
    urgent: bool
    due_at: datetime


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_statement_is_compiled_once_for_the_same_names(dialect: str) -> None:
    one = Sql(select(ROWS.c.id).where(ROWS.c.key == bindparam("of_key")))
    assert one.ready(dialect, {"of_key": "a"}) is one.ready(dialect, {"of_key": "b"})


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_update_without_values_sets_what_is_given(dialect: str) -> None:
    change = Sql(update(ROWS).where(ROWS.c.id == bindparam("row")))
    few, more = change.ready(dialect, {"row": CASE, "state": "x"}), {"row": CASE, "state": "x", "status": 5}
    assert "status" not in few.text
    assert "status=" in change.ready(dialect, more).text


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_insert_asks_for_nothing_back(dialect: str) -> None:
    assert "RETURNING" not in Sql(insert(table(Outgoing))).ready(dialect, {"case_id": CASE}).text


def test_values_travel_as_the_database_keeps_them_and_come_back_as_they_were() -> None:
    found = Sql(select(ROWS.c.id, ROWS.c.urgent, ROWS.c.due_at).where(ROWS.c.due_at < bindparam("at")), Found)
    ready = found.ready("sqlite", {"at": AT})
    assert ready.values({"at": AT}) == ["2026-09-30 15:00:00.000000"]
    assert ready.rows([(CASE.hex, 1, "2026-09-30 15:00:00.000000")]) == [Found(CASE, True, AT)]


def test_many_values_are_one_text_whatever_their_number() -> None:
    some = Sql(select(ROWS.c.key).where(among(ROWS.c.id, "rows")))
    sqlite, other = (some.ready(name, {"rows": [CASE]}) for name in ("sqlite", "postgresql"))
    assert "json_each(?)" in sqlite.text
    assert "= 1" not in sqlite.text  # with which no index would be used
    assert "= ANY($1::UUID[])" in other.text
    assert sqlite.values({"rows": [CASE]}) == [f'["{CASE.hex}"]']
    assert other.values({"rows": {CASE}}) == [[CASE]]


def test_it_knows_which_tables_it_looks_at() -> None:
    nested = select(ROWS.c.id).where(ROWS.c.case_id.in_(select(table(Outgoing).c.case_id)))
    assert Sql(nested).tables == {"delivery", "outbox"}
    assert Sql(update(ROWS).values(state="x")).tables == {"delivery"}
    assert Sql(text("SELECT 1 FROM delivery")).of(DeliveryRow).tables == {"delivery"}


def test_a_value_that_is_missing_and_a_list_that_changes_the_text_are_refused() -> None:
    with pytest.raises(TypeError, match="needs a value for 'of_key'"):
        Sql(select(ROWS.c.id).where(ROWS.c.key == bindparam("of_key"))).ready("sqlite", {})
    with pytest.raises(TypeError, match="among"):
        Sql(select(ROWS.c.id).where(ROWS.c.key.in_(("a", "b")))).ready("sqlite", {})


def test_a_parameter_with_a_value_of_its_own_need_not_be_given() -> None:
    counted = Sql(select(func.count()).where(ROWS.c.urgent == bindparam("urgent", True)))
    assert counted.ready("sqlite", {}).values({}) == [1]
    assert counted.ready("sqlite", {"urgent": False}).values({"urgent": False}) == [0]
