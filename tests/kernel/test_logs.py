"""Whatever is logged, by us or by a library, a name, a number or an address does not get through."""

import io
import json
import logging
from collections.abc import Iterator
from uuid import UUID

import pytest

from services.kernel import logs

NAME, PHONE, ADDRESS = "王小明", "13912345678", "江宁区秣陵街道将军大道8号"
CANARIES = (NAME, PHONE, "139 1234 5678", "+86 139-1234-5678", "025-84521234", ADDRESS)
log = logs.logger("test")


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    handlers = logging.root.handlers[:]
    logs.configure("info", stream)
    yield stream
    logs.configure("warning")
    logging.root.handlers[:] = handlers


def entries(lines: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def test_an_entry_is_one_line_of_json(lines: io.StringIO) -> None:
    case_id = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
    log.warning("case.held", case_id=case_id, reason="unsure_district", count=3)
    [entry] = entries(lines)
    assert entry["event"] == "case.held"
    assert (entry["part"], entry["level"]) == ("test", "warning")
    assert (entry["case_id"], entry["reason"], entry["count"]) == (str(case_id), "unsure_district", 3)


def test_unknown_keys_are_dropped_and_only_their_names_kept(lines: io.StringIO) -> None:
    log.info("case.received", phone=PHONE, name=NAME, **{NAME: 1})
    [entry] = entries(lines)
    assert entry["dropped"] == ["?", "name", "phone"]
    assert not [c for c in CANARIES if c in lines.getvalue()]


@pytest.mark.parametrize("canary", CANARIES)
def test_a_canary_does_not_pass_under_an_allowed_key(lines: io.StringIO, canary: str) -> None:
    log.info(f"told {canary}", reason=canary, unit=[canary], by={"x": canary}, rule=f"to {canary}!")
    log.error("failed", error=ValueError(canary))
    try:
        raise KeyError(canary)
    except KeyError as error:
        log.error("failed", exc_info=True)
        log.error("failed", error=error)
    for each in (canary, canary[:4]):
        assert each not in lines.getvalue() or each.isascii()
    assert canary not in lines.getvalue()


@pytest.mark.parametrize("canary", CANARIES)
def test_a_library_cannot_tell_either(lines: io.StringIO, canary: str) -> None:
    for name in ("sqlalchemy.engine", "uvicorn.error", "asyncio", "services.kernel.relay"):
        theirs = logging.getLogger(name)
        theirs.warning("retry for %s", canary)
        theirs.warning("batch", extra={"service": canary, "caller": canary})
        try:
            raise ValueError(canary)
        except ValueError:
            theirs.exception("failed")
    logging.getLogger("asyncio").error(f"Task exception was never retrieved: {canary}")
    assert len(entries(lines)) == 13
    assert canary not in lines.getvalue()


def test_our_own_modules_may_log_with_extra(lines: io.StringIO) -> None:
    logging.getLogger("services.kernel.relay").info("relay.retry", extra={"service": "intake", "rows": 5})
    [entry] = entries(lines)
    assert (entry["event"], entry["service"], entry["rows"]) == ("relay.retry", "intake", 5)


def test_an_exception_is_its_types_and_its_places(lines: io.StringIO) -> None:
    try:
        try:
            raise TimeoutError(NAME)
        except TimeoutError as cause:
            raise RuntimeError(PHONE) from cause
    except RuntimeError as error:
        log.error("failed", error=error)
    [entry] = entries(lines)
    assert entry["error"] == "RuntimeError < TimeoutError"
    assert str(entry["stack"]).count("test_logs.py:") == 1


def test_ids_and_times_are_not_taken_for_telephone_numbers(lines: io.StringIO) -> None:
    case = "01890a5d-ac96-774b-bcce-139123456789"
    log.info("ok", case_id=case, offset=13912345678, version="2025-01-26T09:30:00Z", by="10543")
    [entry] = entries(lines)
    assert (entry["case_id"], entry["offset"], entry["by"]) == (case, 13912345678, "10543")
    assert logs.REPLACED not in lines.getvalue()


def test_below_its_level_nothing_is_written(lines: io.StringIO) -> None:
    log.debug("detail")
    logging.getLogger("sqlalchemy.engine").info("SELECT 1")
    assert lines.getvalue() == ""
