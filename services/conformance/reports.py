"""What the unit reports back: signed, in the words of the contract, repeated until it is taken, in order."""

import asyncio
from collections.abc import Sequence

from services.conformance.ear import Ear, Heard, Way
from services.conformance.session import Session
from services.conformance.verdict import Fails
from services.kernel.tasks.life import State


async def told(s: Session) -> None:
    ear = s.hearing
    if await ear.until(lambda: ear.finished(s.first.key), s.patience):
        return
    _complain_of_strays(ear)
    if heard := ear.tasks.get(s.first.key):
        raise Fails(
            f"{s.patience:.0f} 秒内只报到 {heard[-1].type}，没有办结或退回",
            f"only {heard[-1].type} within {s.patience:.0f} s: neither completed nor objected to",
        )
    raise Fails(f"{s.patience:.0f} 秒内没有任何回报", f"no report within {s.patience:.0f} s")


async def genuine(s: Session) -> None:
    _complain_of_strays(s.hearing)


async def after_busy(s: Session) -> None:
    await _comes_again(s, "busy")


async def after_lost(s: Session) -> None:
    await _comes_again(s, "lost")


async def after_slow(s: Session) -> None:
    """An answer that takes its time is no reason for a second message."""
    ear, heard = await _heard_of(s, "slow")
    others = {one.message for one in heard[1:] if one.type == heard[0].type}
    if others - {heard[0].message}:
        raise Fails(
            "我们回答慢，就换了 webhook-id 重报", "our answer was slow, and it came under another webhook-id"
        )
    if not ear.finished(s.spoilt):
        raise Fails("我们回答慢，之后没有再报", "our answer was slow, and no further report came")


async def after_refusal(s: Session) -> None:
    """409: the task cannot take this step any more. Asking for ever helps nobody."""
    ear, heard = await _heard_of(s, "impossible")
    await asyncio.sleep(s.quiet)
    again = sum(one.message == heard[0].message for one in ear.tasks[s.spoilt])
    if again > 1:
        raise Fails(
            f"收到 409 之后 {s.quiet:.0f} 秒内又报了 {again - 1} 次",
            f"came {again - 1} more times in {s.quiet:.0f} s after it had been answered 409",
        )


async def in_order(s: Session) -> None:
    ear = s.hearing
    for task, heard in ear.tasks.items():
        late = next((one for one in heard if one.status == 409), None)
        if late is not None and task not in s.refused:
            before = [one.type for one in heard[: heard.index(late)] if one.status == 200]
            raise Fails(
                f"{before[-1] if before else '—'} 之后又报 {late.type}（另一 webhook-id），这一步已不可能",
                f"{late.type} under another webhook-id after {before[-1] if before else '—'}: not possible",
            )


async def same_state(s: Session) -> None:
    """What is asked for agrees with what was reported: the nightly comparison rests on it."""
    ear = s.hearing
    reported = ear.states.get(s.first.key, State.DELIVERED)
    said = await s.unit.ask(s.first.key)
    said.reference()
    state = (said.fields or {}).get("state")
    if state != reported:
        raise Fails(
            f"查询回答 state 为 {state!r}，回报的却是 {reported.value!r}",
            f"asked for, its state is {state!r}; reported was {reported.value!r}",
        )


async def _comes_again(s: Session, way: Way) -> None:
    ear, heard = await _heard_of(s, way)
    first = heard[0]
    if not await ear.until(lambda: _times(ear.tasks[s.spoilt], first.message) > 1, s.patience):
        other = next((one for one in ear.tasks[s.spoilt][1:] if one.type == first.type), None)
        if other is not None:
            raise Fails("重报换了 webhook-id", "it was repeated under another webhook-id")
        raise Fails(f"{s.patience:.0f} 秒内没有重报", f"it was not repeated within {s.patience:.0f} s")
    second = next(one for one in ear.tasks[s.spoilt][1:] if one.message == first.message)
    if second.body != first.body:
        raise Fails("同一 webhook-id 重报时内容变了", "repeated under the same webhook-id with other content")


async def _heard_of(s: Session, way: Way) -> tuple[Ear, Sequence[Heard]]:
    """A new task whose first report is answered that way, once that has happened."""
    ear, task = s.hearing, s.task()
    s.spoilt = task.key
    if way == "impossible":
        s.refused.add(task.key)
    ear.spoil(task.key, way)
    (await s.unit.post(task)).reference()
    if not await ear.until(lambda: bool(ear.tasks.get(task.key)), s.patience):
        raise Fails(f"{s.patience:.0f} 秒内没有任何回报", f"no report within {s.patience:.0f} s")
    if way == "slow":
        await ear.until(lambda: ear.finished(task.key), s.patience)
    return ear, ear.tasks[task.key]


def _times(heard: Sequence[Heard], message: str) -> int:
    return sum(one.message == message for one in heard)


def _complain_of_strays(ear: Ear) -> None:
    if ear.strays and (flaw := ear.strays[0].flaw) is not None:
        count = len(ear.strays)
        raise Fails(f"{count} 条回报未被接受：{flaw.zh}", f"{count} reports were not accepted: {flaw.en}")
