"""What every gateway keeps: a reference is one message, and can be asked for. Two gateways, one suite."""

import asyncio
import json
import multiprocessing
import stat
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.kernel.messages import CallFailed
from services.kernel.partner.client import PartnerHttp
from services.notifier.client import FileGateway, Gateway, HttpGateway, Text, gateway_at
from services.simulators.behaviour import Fault, Mode
from services.simulators.run import Simulation, simulation
from tests.simulators.conftest import SECRETS

AT = datetime(2026, 1, 26, 2, 0, tzinfo=UTC)
TEXT = Text("019bf807-8100-769e-b2a7-4de452e6b438:outcome.paid:2", "+8613851467290", "您的诉求已办结。", AT)


@pytest.fixture
async def http() -> AsyncIterator[PartnerHttp]:
    client = PartnerHttp()
    yield client
    await client.close()


@pytest.fixture
async def network() -> AsyncIterator[Simulation]:
    async with simulation(SECRETS, "http://127.0.0.1:9") as running:
        yield running


@pytest.fixture(params=["file", "http"])
def gateway(
    request: pytest.FixtureRequest, tmp_path: Path, http: PartnerHttp, network: Simulation
) -> Gateway:
    return gateway_at(f"file:///{tmp_path}/sms" if request.param == "file" else f"{network.url}/sms", http)


@pytest.fixture
def files(tmp_path: Path) -> FileGateway:
    return FileGateway(tmp_path / "sms")


def messages(folder: Path, network: Simulation) -> int:
    """How many messages left, by either way."""
    return len(list(folder.rglob("*.json"))) + network.counts()["sms"].get("message", 0)


async def test_the_same_reference_is_one_message(
    gateway: Gateway, network: Simulation, tmp_path: Path
) -> None:
    for _ in range(3):
        await gateway.send(TEXT)
    assert messages(tmp_path, network) == 1


async def test_a_sent_reference_is_known_and_another_is_absent(gateway: Gateway) -> None:
    assert await gateway.ask(TEXT) == "absent"
    await gateway.send(TEXT)
    assert await gateway.ask(TEXT) == "delivered"
    assert await gateway.ask(Text("another:received:1", TEXT.to, TEXT.text, AT)) == "absent"


async def test_many_at_once_are_one(gateway: Gateway, network: Simulation, tmp_path: Path) -> None:
    await asyncio.gather(*(gateway.send(TEXT) for _ in range(20)))
    assert messages(tmp_path, network) == 1


async def test_the_file_gateway_shows_the_newest_first(files: FileGateway) -> None:
    for minute in (5, 0, 3000, 7):
        await files.send(Text(f"r{minute}", TEXT.to, "x", AT + timedelta(minutes=minute)))
    newest = await files.newest(3)
    assert newest is not None
    assert [text.reference for text in newest] == ["r3000", "r7", "r5"]
    assert newest[0].to == TEXT.to
    assert sorted(path.name for path in files.folder.iterdir()) == ["2026-01-26", "2026-01-28"]


async def test_nothing_was_ever_sent(files: FileGateway) -> None:
    assert await files.newest(10) == []
    assert await files.ask(TEXT) == "absent"


async def test_a_message_is_readable_by_its_owner_alone(files: FileGateway) -> None:
    await files.send(TEXT)
    (path,) = files.folder.rglob("*.json")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert json.loads(path.read_text())["text"] == TEXT.text


async def test_a_reference_of_any_shape_and_length_is_a_file_in_the_folder(files: FileGateway) -> None:
    for reference in ("../../etc/passwd", "a/b", "." * 300, "短信"):
        await files.send(Text(reference, TEXT.to, "x", AT))
    assert len(await files.newest(10) or []) == 4
    assert {path.parent.name for path in files.folder.rglob("*.json")} == {"2026-01-26"}


def _send_many(folder: str, tries: int) -> None:
    async def run() -> None:
        gateway = FileGateway(Path(folder))
        for number in range(tries):
            await gateway.send(Text(f"case:{number}", TEXT.to, TEXT.text, AT))

    asyncio.run(run())


async def test_two_processes_at_once_do_not_double(files: FileGateway) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_send_many, args=(str(files.folder), 100)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        await asyncio.to_thread(process.join)
    assert [process.exitcode for process in processes] == [0, 0]
    found = [path for path in files.folder.rglob("*") if path.is_file()]
    assert len(found) == 100
    assert {json.loads(path.read_text())["text"] for path in found} == {TEXT.text}


async def test_a_draft_that_a_crash_left_is_no_message(files: FileGateway) -> None:
    await files.send(TEXT)
    (path,) = files.folder.rglob("*.json")
    path.rename(path.with_name(f".{path.name}.4711.1"))
    assert await files.ask(TEXT) == "absent"
    assert await files.newest(10) == []
    await files.send(TEXT)
    assert len(await files.newest(10) or []) == 1


async def test_a_full_or_missing_disk_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "sms").write_text("not a folder")
    with pytest.raises(CallFailed) as failed:
        await FileGateway(tmp_path / "sms").send(TEXT)
    assert (failed.value.permanent, failed.value.lost) == (False, False)


LOST: dict[Mode, tuple[bool, bool]] = {  # mode of the gateway → (lost, permanent)
    "answer_lost": (True, False), "garbage": (True, False), "error500": (True, False),
    "down": (False, False), "retry_after": (False, False), "redirect": (False, False),
}  # fmt: skip


@pytest.mark.parametrize("mode", LOST)
async def test_a_failure_says_whether_the_message_may_have_left(
    mode: Mode, network: Simulation, http: PartnerHttp
) -> None:
    network.behaviour.set("sms", Fault(mode=mode, seconds=7))
    with pytest.raises(CallFailed) as failed:
        await HttpGateway(f"{network.url}/sms", http).send(TEXT)
    assert (failed.value.lost, failed.value.permanent) == LOST[mode]
    assert failed.value.retry_after == (7 if mode == "retry_after" else None)


async def test_nobody_listens(free_port: int, http: PartnerHttp) -> None:
    with pytest.raises(CallFailed) as failed:
        await HttpGateway(f"http://127.0.0.1:{free_port}/sms", http).send(TEXT)
    assert (failed.value.lost, failed.value.permanent) == (False, False)


@pytest.mark.parametrize("mode", ["garbage", "down", "error500", "redirect"])
async def test_an_answer_that_says_nothing_is_no_absence(
    mode: Mode, network: Simulation, http: PartnerHttp
) -> None:
    gateway = HttpGateway(f"{network.url}/sms", http)
    network.behaviour.set("sms", Fault(mode=mode))
    if mode == "garbage":
        assert await gateway.ask(TEXT) == "unknown"
    else:
        with pytest.raises(CallFailed):
            await gateway.ask(TEXT)


@pytest.mark.parametrize("url", ["ftp://x/sms", "file://x", "/data/sms", ""])
def test_an_unknown_gateway_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(ValueError, match="YIKOU_SMS_URL"):
        gateway_at(url, PartnerHttp())


@pytest.mark.parametrize(("url", "folder"), [("file:///data/sms", "data/sms"), ("file:////v/sms", "/v/sms")])
def test_three_slashes_are_relative_and_four_absolute(url: str, folder: str) -> None:
    assert gateway_at(url, PartnerHttp()) == FileGateway(Path(folder))


async def test_an_http_gateway_shows_nothing(http: PartnerHttp) -> None:
    assert await HttpGateway("http://127.0.0.1:9/sms", http).newest(10) is None
