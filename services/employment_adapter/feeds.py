"""An assistant's visits as a calendar that a telephone subscribes to, behind a link that nobody can guess.

The link opens without signing in, so it says when and in which street, never whose home it is.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path
from sqlalchemy import bindparam, delete, text
from sqlmodel import Session, col, select
from starlette.responses import Response

from services.employment_adapter.ical import Entry, calendar
from services.employment_adapter.models import DUE, OPEN, Visit, VisitFeed
from services.kernel.access import public
from services.kernel.columns import table
from services.kernel.problem import Problem
from services.kernel.sql import Sql
from services.kernel.tasks.officers import Officers
from services.kernel.tx import Tx

KEEP: Final = timedelta(days=365)  # a link that was forgotten stops by itself
MOST: Final = 500
Token = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{43}$")]
_FEED: Final = table(VisitFeed)
_DROP: Final = Sql(delete(_FEED).where(_FEED.c.assistant == bindparam("who")))


def make_link(tx: Tx, assistant: str) -> str:
    """The token of a new link; the one before stops working."""
    token = base64.urlsafe_b64encode(tx.random.randbytes(32)).rstrip(b"=").decode()
    drop_link(tx, assistant)
    tx.insert(VisitFeed, assistant=assistant, digest=_digest(token), made_at=tx.now)
    return token


def drop_link(tx: Tx, assistant: str) -> None:
    tx.run(_DROP, who=assistant)


def link_of(session: Session, assistant: str) -> VisitFeed | None:
    return session.get(VisitFeed, assistant)


@dataclass(frozen=True)
class Feeds:
    """`address`: of this installation, as phones reach it."""

    officers: Officers
    address: str

    def router(self) -> APIRouter:
        api = APIRouter(tags=["visits"])
        api.add_api_route(
            "/calendar/{token}.ics", self.feed, methods=["GET"], dependencies=[Depends(public())],
            summary="An assistant's visits as a calendar", response_class=Response,
        )  # fmt: skip
        return api

    async def feed(self, token: Token) -> Response:
        """iCalendar (RFC 5545). An unknown, replaced or old link does not exist."""
        now = self.officers.store.now()

        def look(session: Session) -> tuple[str, list[Visit]] | None:
            digest = _digest(token)
            found = session.exec(select(VisitFeed).where(VisitFeed.digest == digest)).one_or_none()
            if found is None or found.made_at < now - KEEP:
                return None
            return found.assistant, _visits(session, found.assistant)

        found = await self.officers.store.read(look)
        if found is None:
            raise Problem.of("not-found")
        assistant, visits = found
        written = calendar(f"上门走访 {assistant}", [self._entry(visit) for visit in visits], now)
        headers = {"Cache-Control": "private, max-age=300", "X-Robots-Tag": "noindex"}
        return Response(written, media_type="text/calendar; charset=utf-8", headers=headers)

    def link(self, token: str) -> str:
        return f"{self.address.rstrip('/')}/calendar/{token}.ics"

    def _entry(self, visit: Visit) -> Entry:
        city = self.officers.city
        street = city.gazetteer.home.streets.get(visit.street or "", "")
        what = "上门走访" if visit.closed_at is None else "回访"
        planned = visit.closed_at is None and visit.starts_at is not None
        due = (visit.follow_up_at or visit.opened_at).astimezone(city.calendar.zone).date()
        return Entry(
            uid=f"{visit.task}-{'visit' if visit.closed_at is None else 'follow-up'}@yikou",
            begins=visit.starts_at if planned and visit.starts_at else due,
            ends=visit.ends_at if planned else None,
            summary=f"{what} · {street}" if street else what,
            location=street,
            url=f"{self.address.rstrip('/')}/visits/{visit.task}",
        )


def _visits(session: Session, assistant: str) -> list[Visit]:
    """Those with a time, and follow-ups that are to come."""
    mine = select(Visit).where(Visit.assistant == assistant)
    planned = mine.where(text(OPEN), col(Visit.starts_at).is_not(None)).order_by(col(Visit.starts_at))
    due = mine.where(text(DUE)).order_by(col(Visit.follow_up_at))
    return [*session.exec(planned.limit(MOST)), *session.exec(due.limit(MOST))]


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
