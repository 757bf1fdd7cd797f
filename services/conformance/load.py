"""Many tasks, some sent twice, as many at once as one of our adapters sends."""

import asyncio
import time
from collections.abc import Iterator
from typing import Final

from services.conformance.client import Said
from services.conformance.session import Session
from services.conformance.tasks import Task
from services.conformance.verdict import Fails, NotTried
from services.domain.names import Name

LANES: Final = 4
TWICE: Final = 10  # every tenth is sent once more


async def many(s: Session) -> Name:
    """All taken, one reference each. Fails at the first that is not."""
    waiting = iter([s.task() for _ in range(s.tasks)])
    references: dict[str, str] = {}
    seconds: list[float] = []
    began = time.monotonic()
    await asyncio.gather(*(_lane(s, waiting, references, seconds) for _ in range(LANES)))
    if len(set(references.values())) < s.tasks:
        raise Fails(
            f"{s.tasks} 件任务只有 {len(set(references.values()))} 个编号",
            f"{s.tasks} tasks have {len(set(references.values()))} references",
        )
    rate = len(seconds) / (time.monotonic() - began)
    p95 = sorted(seconds)[int(len(seconds) * 0.95)] * 1000
    return Name(f"每秒 {rate:.0f} 件，p95 {p95:.0f} 毫秒", f"{rate:.0f}/s, p95 {p95:.0f} ms")


async def many_told(s: Session) -> Name:
    ear, load = s.hearing, s.load
    if not load:
        raise NotTried("没有一件收下", "none of them was taken")
    began = time.monotonic()
    await ear.until(lambda: all(map(ear.finished, load)), s.patience + s.tasks / 20)
    done = sum(map(ear.finished, load))
    if done < len(load):
        raise Fails(
            f"{len(load)} 件中 {done} 件有了结果", f"{done} of {len(load)} were reported to their end"
        )
    wait = time.monotonic() - began
    return Name(f"送完后 {wait:.1f} 秒", f"{wait:.1f} s after the last was sent")


async def _lane(
    s: Session, waiting: Iterator[Task], references: dict[str, str], seconds: list[float]
) -> None:
    for task in waiting:
        began = time.monotonic()
        said = await s.unit.post(task)
        seconds.append(time.monotonic() - began)
        references[task.key] = _reference(said, len(references) + 1)
        s.load.append(task.key)
        if len(references) % TWICE == 0 and (await s.unit.post(task)).reference() != references[task.key]:
            raise Fails("重送得到另一个编号", "sent again, it was given another reference")


def _reference(said: Said, number: int) -> str:
    try:
        return said.reference()
    except Fails as fails:
        raise Fails(f"第 {number} 件：{fails.why.zh}", f"task {number}: {fails.why.en}") from None
