"""Tasks as they reach the unit: taken once, refused when they are not ours, found again when asked for."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Final

from services.conformance.client import Said
from services.conformance.session import Session
from services.conformance.tasks import MARK
from services.conformance.verdict import Fails
from services.domain.names import Name
from services.kernel.partner.client import PartnerHttp

IMPATIENT: Final = 0.02  # seconds until we let go of a connection that the answer still has to come on
AT_ONCE: Final = 5
TRIES: Final = 3
BROKEN: Final = b'{"task": "x", "record": '


async def taken(s: Session) -> None:
    """At the first try. One that comes later lets the other checks be tried."""
    s.reference, first = "", await s.unit.post(s.first)
    said = first
    for _ in range(TRIES):
        with suppress(Fails):
            s.reference = said.reference()
            break
        await asyncio.sleep(s.pause)
        said = await s.unit.post(s.first)
    first.reference()


async def repeated(s: Session) -> None:
    again = (await s.unit.post(s.first)).reference()
    if again != s.reference:
        raise Fails(
            f"第二次回答了另一个编号（{s.reference} → {again}），可能立了两件",
            f"the second answer has another reference ({s.reference}, then {again}): taken twice?",
        )


async def at_once(s: Session) -> None:
    task = s.task()
    found = {one.reference() for one in await asyncio.gather(*(s.unit.post(task) for _ in range(AT_ONCE)))}
    if len(found) > 1:
        raise Fails(
            f"同时送 {AT_ONCE} 次，得到 {len(found)} 个编号",
            f"sent {AT_ONCE} times at once, it was given {len(found)} references",
        )


async def conflicting(s: Session) -> None:
    said = await s.unit.post(s.first.but(urgency="urgent"))
    said.refused(Name("同一编号、另一内容", "other content under a known key"), 409, 422)


async def known(s: Session) -> None:
    said = await s.unit.ask(s.first.key)
    if said.reference() != s.reference:
        raise Fails("查询回答的编号与送达时不同", "the reference differs from the one given before")


async def absent(s: Session) -> None:
    said = await s.unit.ask(s.task().key)
    said.refused(Name("没有送过的任务", "a task that was never sent"), 404)
    if said.fields is None:
        raise Fails(*said.why)


async def lost(s: Session) -> None:
    """The connection is cut while the unit answers. It may have acted or not, but must know which."""
    task, impatient = s.task(), PartnerHttp(total=IMPATIENT)
    await s.unit.post(task, http=impatient)
    await impatient.close()
    await asyncio.sleep(s.pause)
    asked = await s.unit.ask(task.key)
    before = None if asked.status == 404 else asked.reference()
    after = (await s.unit.post(task)).reference()
    if before not in (None, after):
        raise Fails(
            f"断线后查询得 {before}，再送却得 {after}，立了两件",
            f"after a cut connection it has {before}, sent again it is {after}: taken twice",
        )


async def unsigned(s: Session) -> None:
    task = s.task()
    await _not_taken(
        s, task.key, await s.unit.post(task, secrets=()), Name("没有签名", "without a signature")
    )


async def forged(s: Session) -> None:
    task, strange = s.task(), s.strange_secret()
    said = await s.unit.post(task, secrets=[strange])
    await _not_taken(s, task.key, said, Name("别人的签名", "signed with another key"))


async def altered(s: Session) -> None:
    task = s.task()
    said = await s.unit.post(task, body=task.but(urgency="urgent").body)
    await _not_taken(s, task.key, said, Name("签名后改动过", "changed after it was signed"))


async def stale(s: Session) -> None:
    task = s.task()
    said = await s.unit.post(task, late=timedelta(minutes=10))
    await _not_taken(s, task.key, said, Name("十分钟前的签名", "signed ten minutes ago"))


async def rotating(s: Session) -> None:
    """While a key is being changed there are two signatures; the unit knows one of the keys."""
    for secrets in ([s.strange_secret(), *s.unit.secrets], [*s.unit.secrets, s.strange_secret()]):
        (await s.unit.post(s.task(), secrets=secrets)).reference()


async def malformed(s: Session) -> None:
    task = s.task()
    said = await s.unit.post_raw(task.key, BROKEN)
    said.refused(Name("不是 JSON 的正文", "a body that is not JSON"), 400, 422)


async def extended(s: Session) -> None:
    (await s.unit.post(s.task().but(a_field_of_next_year={"x": 1}))).reference()


async def told_more(s: Session) -> None:
    """The caller rang again. Twice, as after a lost answer."""
    news = s.task().key
    fields = {"news": news, "task": s.first.key, "type": "call.attached", "text": MARK}
    fields |= {"at": s.around.now().isoformat(), "channel": "phone"}
    for _ in range(2):
        said = await s.unit.tell(s.first.key, news, fields)
        if said.status is None or not 200 <= said.status < 300:
            given = (
                said.why if said.status is None else Name(f"回答 {said.status}", f"answered {said.status}")
            )
            raise Fails(f"{given.zh}，应为 2xx", f"{given.en} instead of 2xx")


async def _not_taken(s: Session, key: str, said: Said, what: Name) -> None:
    said.refused(what, 401, 403)
    if (await s.unit.ask(key)).status == 200:
        raise Fails(f"{what.zh}：拒收了，却仍然立了案", f"{what.en}: refused, and taken all the same")
