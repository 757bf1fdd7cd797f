"""A feed: cases posted at a steady rate, each followed until the caller was told."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import httpx

from services.commands.feed_lines import Case, FeedError
from services.commands.feed_requests import AT_ONCE, Requests
from services.commands.feed_tally import Followed, Report, Tally

Watch = Callable[[Tally], None]
"""Called whenever something may have moved."""
DECISIONS = 8  # made side by side
REASON = "值班长核定：由所在区就业服务中心先行联系"


@dataclass(frozen=True)
class Pace:
    """`rate` in cases per second (0: as fast as answers come), at most `concurrency` posts at once.

    Ends when nothing moved for `patience` seconds; asks every `interval` seconds.
    """

    rate: float = 10.0
    concurrency: int = 16
    patience: float = 30.0
    interval: float = 0.5


async def feed(
    http: httpx.AsyncClient,
    cases: Iterable[Case],
    pace: Pace,
    *,
    centres: Mapping[str, str] | None = None,
    watch: Watch = lambda tally: None,
) -> Report:
    """Post and follow `cases`. `http` has the base URL and the Bearer token.

    `centres` (district to unit): decide held cases so, as the duty supervisor would; None leaves them held.
    Raises FeedError when the token is refused or an endpoint is missing.
    """
    tally, requests, posted = Tally(), Requests(http, pace.patience), asyncio.Event()

    async def post() -> None:
        await _post_all(requests, cases, pace, tally, watch)
        posted.set()

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(post())
            group.create_task(_follow(requests, pace, tally, posted, centres, watch))
    except ExceptionGroup as errors:
        refused, _ = errors.split(FeedError)
        raise errors if refused is None else _first(refused) from None
    return tally.report()


def _first(error: Exception) -> Exception:
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


async def _post_all(
    requests: Requests, cases: Iterable[Case], pace: Pace, tally: Tally, watch: Watch
) -> None:
    """Case n is due n / rate seconds after the first; late only when every lane waits for its answer."""
    started, numbered = time.monotonic(), enumerate(cases)

    async def lane() -> None:
        for number, case in numbered:
            if pace.rate:
                await asyncio.sleep(max(0.0, started + number / pace.rate - time.monotonic()))
            tally.posted(case, await requests.post(case))
            watch(tally)

    async with asyncio.TaskGroup() as lanes:
        for _ in range(pace.concurrency):
            lanes.create_task(lane())


async def _follow(
    requests: Requests,
    pace: Pace,
    tally: Tally,
    posted: asyncio.Event,
    centres: Mapping[str, str] | None,
    watch: Watch,
) -> None:
    """Ask where the open cases are until none is left, or nothing moves any more."""
    changes, moved_at = -1, time.monotonic()
    while True:
        started = time.monotonic()
        everything_posted = posted.is_set()
        if centres is not None:
            await _decide(requests, tally, centres)
        ids = [one.case_id for one in _open_cases(tally, centres is None)]
        for first in range(0, len(ids), AT_ONCE):
            for progress in await requests.progress(ids[first : first + AT_ONCE]):
                tally.heard(progress)
        watch(tally)
        now = time.monotonic()
        if tally.changes != changes:
            changes, moved_at = tally.changes, now
        idle = everything_posted and not _open_cases(tally, centres is None)
        if idle or (everything_posted and now - moved_at > pace.patience):
            return
        # Asking takes at most a fifth of the time, however many cases are open.
        await asyncio.sleep(max(pace.interval, 4 * (now - started)))


def _open_cases(tally: Tally, held_is_final: bool) -> list[Followed]:
    return [one for one in tally.followed.values() if not one.ended and not (held_is_final and one.held)]


async def _decide(requests: Requests, tally: Tally, centres: Mapping[str, str]) -> None:
    """Send every held case of ours to the employment centre of its district."""
    ours = [tally.followed[case_id] async for case_id in requests.held() if case_id in tally.followed]
    waiting = iter(ours)

    async def lane() -> None:
        for case in waiting:
            case.was_held = True
            unit = centres.get(case.district)
            if unit is not None and await requests.decide(case.case_id, unit, REASON):
                tally.decided += 1
                tally.changes += 1

    async with asyncio.TaskGroup() as lanes:
        for _ in range(DECISIONS):
            lanes.create_task(lane())
