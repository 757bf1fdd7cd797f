"""The checks in their order, and what each of them found."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from services.conformance import load, reports, requests
from services.conformance.session import Session
from services.conformance.verdict import NOTHING, Fails, NotTried, Verdict
from services.domain.names import Name


@dataclass(frozen=True, slots=True)
class Check:
    """`reports`: whether it needs somebody who listens for reports."""

    id: str
    title: Name
    play: Callable[[Session], Awaitable[Name | None]]
    reports: bool = False


CHECKS: Final[Sequence[Check]] = (
    Check("taken", Name("收下一件任务", "Takes a task"), requests.taken),
    Check("repeated", Name("重送只立一件", "Sent again: the same task"), requests.repeated),
    Check("at_once", Name("同时重送只立一件", "Sent at once: the same task"), requests.at_once),
    Check("conflicting", Name("同一编号的另一内容拒收", "Refuses other content"), requests.conflicting),
    Check("known", Name("能查到收下的任务", "Finds a task it has"), requests.known),
    Check("absent", Name("没有的任务答 404", "Answers 404 for others"), requests.absent),
    Check("lost", Name("断线后不立两件", "Once after a lost answer"), requests.lost),
    Check("unsigned", Name("没有签名拒收", "Refuses what is unsigned"), requests.unsigned),
    Check("forged", Name("别人的签名拒收", "Refuses another's signature"), requests.forged),
    Check("altered", Name("签名后改动拒收", "Refuses what was changed"), requests.altered),
    Check("stale", Name("过时的签名拒收", "Refuses an old signature"), requests.stale),
    Check("rotating", Name("换密钥期间照收", "Takes two signatures"), requests.rotating),
    Check("malformed", Name("坏正文拒收", "Refuses a broken body"), requests.malformed),
    Check("extended", Name("不认识的字段不妨碍", "Ignores unknown fields"), requests.extended),
    Check("news", Name("收下一件任务的后续消息", "Takes news of a task"), requests.told_more),
    Check("told", Name("回报到办结或退回", "Reports to the end"), reports.told, True),
    Check("genuine", Name("回报签名、格式正确", "Reports are well-formed"), reports.genuine, True),
    Check("busy", Name("503 后照原样重报", "Reports again after 503"), reports.after_busy, True),
    Check("answer_lost", Name("没收到答复照原样重报", "Reports again when lost"), reports.after_lost, True),
    Check("slow", Name("我们答得慢不重立", "Waits for a slow answer"), reports.after_slow, True),
    Check("refusal", Name("409 后不再重报", "Stops after 409"), reports.after_refusal, True),
    Check("many", Name("大量任务都收下", "Takes many tasks"), load.many),
    Check("many_told", Name("大量任务都有回报", "Reports on all of them"), load.many_told, True),
    Check("in_order", Name("状态不倒退、不重复", "States go forward, once"), reports.in_order, True),
    Check("same_state", Name("查询与回报一致", "Asked and reported agree"), reports.same_state, True),
)
NO_EAR: Final = Name("没有接收回报的地址（--listen）", "nobody listens for reports (--listen)")
NOT_TAKEN: Final = Name("任务没有收下，无从试起", "no task was taken, so it cannot be tried")


async def played(session: Session) -> AsyncIterator[Verdict]:
    """Each verdict as it is found. When no task is taken, nothing else can be tried."""
    first, *others = CHECKS
    yield await _verdict(first, session)
    for check in others:
        if not session.reference:
            yield Verdict(check.id, check.title, None, NOT_TAKEN)
        elif check.reports and session.ear is None:
            yield Verdict(check.id, check.title, None, NO_EAR)
        else:
            yield await _verdict(check, session)


async def _verdict(check: Check, session: Session) -> Verdict:
    passed: bool | None
    began = time.monotonic()
    try:
        passed, why = True, await check.play(session) or NOTHING
    except Fails as fails:
        passed, why = False, fails.why
    except NotTried as nothing:
        passed, why = None, nothing.why
    return Verdict(check.id, check.title, passed, why, time.monotonic() - began)
