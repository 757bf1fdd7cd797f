"""One dead partner of four: how long the others' cases take from accepted to delivered, over real HTTP:

    python -m tools.isolation [--cases 400] [--rate 20]

Four brigades have simulated systems, one of them in a process of its own. The same load is posted while all
are well and while that one is dead, in each way of being dead; the others' p95 may be 1.2 times as long and
a second. Everything runs on this machine, so compare within a run.
"""

import argparse
import asyncio
import json
import math
import signal
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import httpx
from pydantic import BaseModel
from rich.console import Console
from rich.table import Table

from services.commands.bench_installation import Node, free_port, install, token
from services.commands.bench_line import Line, lines
from services.commands.bench_load import cases, post
from services.commands.feed_lines import Case
from services.commands.feed_requests import AT_ONCE, Progress

UNITS: Final = {
    "320115": "inspection-jiangning", "320106": "inspection-gulou", "320102": "inspection-xuanwu",
    "320104": "inspection-qinhuai",
}  # fmt: skip
DEAD: Final = "320104"
CONNECTIONS: Final = 8
PATIENCE: Final = 60.0  # seconds for the living ones' cases
DEATHS: Final = ("refuses connections", "takes them and never answers", "answers 503")


class _Created(BaseModel):
    case_id: str


class _Progresses(BaseModel):
    cases: list[Progress]


@dataclass(frozen=True)
class Phase:
    """Milliseconds from accepted to delivered of the living brigades' cases; how many never arrived."""

    taken: Sequence[float]
    missing: int
    dead_delivered: int

    def share(self, part: float) -> float:
        ranked = sorted(self.taken)
        return ranked[max(0, math.ceil(part * len(ranked)) - 1)]


async def measure(folder: Path, death: str, number: int, rate: float) -> tuple[Phase, Phase]:
    """All four well, then one of them dead."""
    install(folder)
    node = Node(folder)
    key = await token(folder, "machine", "isolation")
    with ExitStack() as processes:
        systems = [_system(folder, node.url, name) for name in ("living", "dying")]
        for system in systems:
            processes.enter_context(system.running())
            await system.ready()
        entries = {
            unit: {
                "endpoint": f"{systems[district == DEAD].url}/{unit}", "allow": ["127.0.0.0/8"]
            } for district, unit in UNITS.items()
        }  # fmt: skip
        (folder / "partners.json").write_text(json.dumps(entries), "utf-8")
        node.simulators = systems[0].url
        processes.enter_context(node.running())
        await node.ready()
        source = cases(list(UNITS))
        await _phase(node.url, key, islice(source, 40), rate)  # connections are open, caches warm
        well = await _phase(node.url, key, islice(source, number), rate)
        await _kill(systems[1], death)
        try:
            ill = await _phase(node.url, key, islice(source, number), rate)
        finally:
            if death == DEATHS[1] and systems[1].process is not None:
                systems[1].process.send_signal(signal.SIGCONT)
    return well, ill


def _system(folder: Path, yikou: str, name: str) -> Node:
    port = free_port()
    return Node(
        folder, port=port, name=name, readiness="/_counts",
        arguments=("services.simulators", "--keyring", str(folder / "keyring.json"), "--yikou", yikou,
                   "--port", str(port)),
    )  # fmt: skip


async def _kill(system: Node, death: str) -> None:
    if death == DEATHS[0]:
        system.kill()
    elif death == DEATHS[1] and system.process is not None:
        system.process.send_signal(signal.SIGSTOP)
    else:
        async with httpx.AsyncClient(trust_env=False) as http:
            fault = {"name": "*", "fault": {"mode": "down"}}
            (await http.post(f"{system.url}/_behaviour", json=fault)).raise_for_status()


async def _phase(url: str, key: str, source: Iterator[Case], rate: float) -> Phase:
    async with lines(url, key, CONNECTIONS) as opened:
        districts = await _post(opened, source, rate)
        seen = await _follow(opened[0], districts)
    taken = [
        (one.delivered_at - one.received_at).total_seconds() * 1000
        for one in seen.values()
        if one.delivered_at is not None and districts[one.case_id] != DEAD
    ]
    living = sum(district != DEAD for district in districts.values())
    dead = sum(districts[one.case_id] == DEAD and one.delivered_at is not None for one in seen.values())
    return Phase(taken, living - len(taken), dead)


async def _post(opened: Sequence[Line], source: Iterator[Case], rate: float) -> dict[str, str]:
    """District by case."""
    districts, started, numbered = dict[str, str](), time.monotonic(), enumerate(source)

    async def lane(line: Line) -> None:
        for number, case in numbered:
            await asyncio.sleep(max(0.0, started + number / rate - time.monotonic()))
            answer, _ = await post(line, case)
            districts[_Created.model_validate_json(answer).case_id] = case.district

    await asyncio.gather(*(lane(line) for line in opened))
    return districts


async def _follow(line: Line, districts: dict[str, str]) -> dict[str, Progress]:
    """Until every living brigade has its cases."""
    seen, until = dict[str, Progress](), time.monotonic() + PATIENCE
    ids = list(districts)
    while time.monotonic() < until:
        await asyncio.sleep(0.5)
        for start in range(0, len(ids), AT_ONCE):
            body = json.dumps({"case_ids": ids[start : start + AT_ONCE]}).encode()
            _, answer = await line.post("/api/cases/progress", body)
            seen |= {one.case_id: one for one in _Progresses.model_validate_json(answer).cases}
        if all(one.delivered_at for one in seen.values() if districts[one.case_id] != DEAD):
            break
    return seen


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tools.isolation", description="One dead partner of four.")
    asked.add_argument("--cases", type=int, default=400, help="in each phase, a quarter to each brigade")
    asked.add_argument("--rate", type=float, default=20.0, help="cases per second")
    given = asked.parse_args()
    shown = Table(
        title=f"accepted -> delivered of three brigades, {given.rate:g} cases/s", title_justify="left"
    )
    for name in ("the fourth", "all well p50 / p95", "it is dead p50 / p95", "allowed p95", "kept"):
        shown.add_column(name, no_wrap=True)
    bad = False
    for death in DEATHS:
        with tempfile.TemporaryDirectory(prefix="yikou-isolation-") as name:
            well, ill = asyncio.run(measure(Path(name), death, given.cases, given.rate))
        allowed = well.share(0.95) * 1.2 + 1000
        kept = ill.share(0.95) <= allowed and not ill.missing and not ill.dead_delivered
        bad |= not kept
        shown.add_row(
            death, *(f"{phase.share(0.5):,.0f} / {phase.share(0.95):,.0f} ms" for phase in (well, ill)),
            f"{allowed:,.0f} ms", "yes" if kept else f"NO ({ill.missing} missing)",
        )  # fmt: skip
    Console(width=120).print(shown)
    raise SystemExit(bad)


if __name__ == "__main__":
    main()
