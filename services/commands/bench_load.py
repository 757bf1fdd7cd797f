"""The load of a bench: invented wage cases over all districts, posted over a few connections and followed."""

import asyncio
import itertools
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from pydantic import BaseModel

from services.commands.bench_line import Line
from services.commands.feed_lines import Case, mobile
from services.commands.feed_requests import AT_ONCE, Answer, Progress
from services.commands.feed_tally import Tally
from services.commands.installation import NotPossible
from services.intake.routes import PATH

TRADES: Final = ("木工", "钢筋工", "瓦工", "保洁员", "外卖骑手", "家电装配工", "油漆工")
LARGE: Final = 9  # employers of whom every tenth case complains; the others have one each
INTERVAL: Final = 0.25  # seconds between two looks at what is still open
PATIENCE: Final = 30.0  # seconds without any news


class _Created(BaseModel):
    case_id: str


class _Progresses(BaseModel):
    cases: list[Progress]


def cases(districts: Sequence[str]) -> Iterator[Case]:
    """Cases without end, each from another mobile, over `districts` in turn; none of them is held."""
    for number in itertools.count():
        district, months = districts[number % len(districts)], 2 + number % 5
        owed = 3000 + 137 * (number % 400)
        text = (
            f"来电人称在工地做{TRADES[number % len(TRADES)]}，单位拖欠{months}个月工资共{owed}元，"
            "多次催要，负责人先说等工程款，后来不接电话。要求尽快支付，希望告知处理结果。"
        )
        body: dict[str, object] = {
            "kind": "wage_arrears", "report_type": "complaint", "text": text,
            "caller": {"name": "测试来电人", "phone": mobile(number)},
            "employer": {"name": f"示例建筑劳务第{_employer(number)}有限公司", "work_district": district},
            "amount_owed": owed, "workers_affected": 1 + number % 12,
        }  # fmt: skip
        yield Case(number, f"bench-{number}", body, district)


def _employer(number: int) -> int:
    return number // 10 % LARGE if number % 10 == 0 else LARGE + number


async def post(line: Line, case: Case) -> tuple[bytes, float]:
    """The answer and the milliseconds it took.

    NotPossible when the case is not taken: then no figure that follows would be worth anything.
    """
    body = json.dumps(case.body, ensure_ascii=False).encode()
    started = time.perf_counter()
    status, answer = await line.post(PATH, body, case.key)
    ms = (time.perf_counter() - started) * 1000
    if status != 201:
        raise NotPossible(f"{PATH}：{status}。/ {PATH} answered {status}: {answer[:300].decode()}")
    return answer, ms


async def flood(lines: Sequence[Line], source: Iterator[Case], seconds: float) -> float:
    """Post as fast as answers come; how many were answered per second."""
    started, answered = time.perf_counter(), 0

    async def lane(line: Line) -> None:
        nonlocal answered
        while time.perf_counter() - started < seconds:
            await post(line, next(source))
            answered += 1

    await asyncio.gather(*(lane(line) for line in lines))
    return answered / (time.perf_counter() - started)


async def pass_through(lines: Sequence[Line], source: Iterable[Case], rate: float = 0.0) -> Tally:
    """Post all of `source`, `rate` a second (0: as fast as answers come); back when every caller was told.

    Nothing is asked while cases are posted: it would be measured too.
    """
    tally, started, numbered = Tally(), time.monotonic(), enumerate(source)

    async def lane(line: Line) -> None:
        for number, case in numbered:
            if rate:
                await asyncio.sleep(max(0.0, started + number / rate - time.monotonic()))
            answer, ms = await post(line, case)
            tally.posted(case, Answer(_Created.model_validate_json(answer).case_id, None, ms))

    await asyncio.gather(*(lane(line) for line in lines))
    await _follow(lines[0], tally)
    return tally


async def _follow(line: Line, tally: Tally) -> None:
    """Ask for the open cases until none is left, or nothing moved for PATIENCE."""
    changes, moved_at = tally.changes, time.monotonic()
    while waiting := [one.case_id for one in tally.followed.values() if not one.ended]:
        body = json.dumps({"case_ids": waiting[:AT_ONCE]}).encode()
        status, answer = await line.post(f"{PATH}/progress", body)
        if status != 200:
            raise NotPossible(f"{PATH}/progress：{status}。/ {PATH}/progress answered {status}.")
        for progress in _Progresses.model_validate_json(answer).cases:
            tally.heard(progress)
        if tally.changes != changes:
            changes, moved_at = tally.changes, time.monotonic()
        elif time.monotonic() - moved_at > PATIENCE:
            return
        await asyncio.sleep(INTERVAL)
