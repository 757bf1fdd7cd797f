"""No name, number or text of a caller can be read anywhere but at the gateway and on the agents' page."""

import io
import logging
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from services.kernel import logs
from services.kernel.metrics import exposition
from services.simulators.behaviour import Fault
from services.simulators.run import simulation
from tests.kernel.cells import until
from tests.notifier.bureau import CODE, LANDLINE, MOBILE, NAME, Bureau, bureau
from tests.simulators.conftest import SECRETS

WORDS = [NAME, "付清工资", "查询码", "欠款已支付", CODE]
NUMBERS = [MOBILE, MOBILE[3:], LANDLINE, LANDLINE[3:], "25-55550100"]
CANARIES = [text.encode() for text in (*WORDS, *NUMBERS)] + [quote(NAME).encode(), ascii(NAME)[1:-1].encode()]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    stream, before, level = io.StringIO(), logging.root.handlers[:], logging.root.level
    logs.configure("debug", stream)
    yield stream
    logs.configure("warning")
    logging.root.handlers[:], logging.root.level = before, level


def found_in(content: bytes) -> list[str]:
    return [canary.decode() for canary in CANARIES if canary in content]


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def _everything(b: Bureau) -> None:
    """A course with each way of telling, and each way of failing to."""
    for case in (b.received(), b.received(LANDLINE), b.received(callback_url=f"https://app.test/{MOBILE}")):
        await b.hear(case, b.routed(case), b.outcome(case))
        await b.hear(b.corrected(case, MOBILE))


async def test_the_stores_the_log_and_the_figures_hold_no_personal_data(
    tmp_path: Path, log: io.StringIO
) -> None:
    async with bureau(tmp_path) as b:
        await _everything(b)
        assert NAME not in exposition().decode()
        assert found_in(exposition()) == []
    files = [path for path in files_in(tmp_path) if "sms" not in path.parts]
    assert {path.name for path in files} >= {"notifier.db", "log.db"}
    assert {path.name: found_in(path.read_bytes()) for path in files if found_in(path.read_bytes())} == {}
    assert found_in(log.getvalue().encode()) == []
    assert "service.started" in log.getvalue()


async def test_the_canaries_would_be_found(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        await _everything(b)
    content = b"".join(path.read_bytes() for path in files_in(tmp_path) if "sms" in path.parts)
    assert set(found_in(content)) >= {MOBILE, CODE, "查询码", "欠款已支付"}


async def test_a_failing_gateway_leaves_no_personal_data_in_log_and_ledger(
    tmp_path: Path, log: io.StringIO
) -> None:
    async with (
        simulation(SECRETS, "http://127.0.0.1:9") as network,
        bureau(tmp_path, sms_url=f"{network.url}/sms") as b,
    ):
        for mode in ("garbage", "error500", "down", "answer_lost", "redirect"):
            network.behaviour.set("sms", Fault.model_validate({"mode": mode}))
            case = b.received()
            await b.hear(case, b.routed(case), b.outcome(case))
        for _ in range(26):
            await b.forward(hours=1)
        await until(lambda: b.rows("SELECT 1 FROM notifier_callback"))
        assert (
            found_in(b.dump("delivery", "attempt", "outbox", "notifier_case", "notifier_callback").encode())
            == []
        )
    assert found_in(log.getvalue().encode()) == []
    assert "delivery.person_needed" in log.getvalue()
