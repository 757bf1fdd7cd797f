"""A dry run as people see it: how far it is, what it has found by unit, and every case of a move."""

from functools import partial
from typing import Final

from services.domain.city import City
from services.domain.names import Name
from services.kernel.problem import Problem
from services.router.dry_runs import HELD, MOVES, RouterDryRun, cases_of, latest
from services.router.edition_views import DryRunOut, MoveOut, TriedCase, TriedPage
from services.router.office import Office

_HELD: Final = Name("转人工：", "A person: ")


async def shown(office: Office, number: int, language: str) -> DryRunOut:
    """The last dry run of an edition. Problem not-found when there was none."""
    run, edition = await found(office, number), await office.edition(number)
    ended = run.ended_at or office.store.now()
    return DryRunOut(
        edition=number, against=run.against, days=run.days, course=run.course, total=run.total, seen=run.seen,
        changed=run.changed, seconds=(ended - run.began_at).total_seconds() if run.began_at else None,
        outdated=run.revision != edition.revision, moves=moves_of(run, office.desk.city, language),
    )  # fmt: skip


async def cases(
    office: Office, number: int, limit: int, after: int, was: str | None, now: str | None
) -> TriedPage:
    """Every case that would go elsewhere, page by page."""
    run = await found(office, number)
    rows = await office.store.read(
        partial(cases_of, run=run.id or 0, limit=limit + 1, after=after, was=was, now=now)
    )
    told = [TriedCase.model_validate(row.model_dump()) for row in rows[:limit]]
    return TriedPage(cases=told, next=rows[limit - 1].place if len(rows) > limit else None)


async def found(office: Office, number: int) -> RouterDryRun:
    run = await office.store.read(partial(latest, edition=number))
    if run is None:
        raise Problem.of("not-found")
    return run


def moves_of(run: RouterDryRun, city: City, language: str) -> list[MoveOut]:
    """From where to where, the most cases first."""
    counts = sorted(MOVES.validate_json(run.moves).items(), key=lambda pair: (-pair[1], pair[0]))
    found = []
    for move, count in counts:
        was, now = move.split(">")
        found.append(
            MoveOut(
                was=was, was_name=place_name(was, city, language), now=now,
                now_name=place_name(now, city, language), cases=count,
            )
        )  # fmt: skip
    return found


def place_name(place: str, city: City, language: str) -> str:
    """A unit's name, or why a person would decide."""
    if not place.startswith(HELD):
        return city.unit_name(place, language)
    return _HELD.in_language(language) + city.texts.name("hold", place.removeprefix(HELD), language)
