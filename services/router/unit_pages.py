"""The supervisors' pages on units: who is there, what each has in hand, closing and suspending."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Annotated, Final

from fastapi import Depends, Form, Request
from starlette.responses import HTMLResponse, Response

from services.domain.names import Name
from services.domain.refusals import Refusal
from services.domain.units import TYPES, Unit
from services.kernel.access import Principal, allow
from services.kernel.language import language_of
from services.kernel.pages import PageRouter, render, see_other
from services.kernel.problem import Problem
from services.router import office as offices
from services.router import workloads
from services.router.edition_views import MOST_NOTE
from services.router.office import Office
from services.router.unit_form import UnitForm, read_form
from services.router.unit_routes import SILENT_AFTER

Reader = Annotated[Principal, Depends(allow("routing.read"))]
Writer = Annotated[Principal, Depends(allow("routing.rules"))]
Note = Annotated[str, Form(max_length=2000)]
Code = Annotated[str, Form(max_length=64)]
_NO_NOTE: Final = Name("请写明为什么改。", "Say why.")


def router(office: Office) -> PageRouter:
    pages, room = PageRouter(), UnitRoom(office)

    @pages.get("/routing/units")
    async def every(request: Request, _who: Reader) -> Response:
        return await room.directory(request)

    @pages.get("/routing/units/{unit_id}")
    async def one(unit_id: str, request: Request, who: Reader) -> Response:
        return await room.unit(request, who, unit_id)

    @pages.post("/routing/units/{unit_id}")
    async def save(
        unit_id: str, request: Request, who: Writer, form: Annotated[UnitForm, Form()]
    ) -> Response:
        return await room.change(request, who, unit_id, form, partial(read_form, form, unit_id))

    @pages.post("/routing/units/{unit_id}/close")
    async def close(
        unit_id: str, request: Request, who: Writer, form: Annotated[UnitForm, Form()]
    ) -> Response:
        change = partial(offices.closing, successor=form.successor or None)
        return await room.change(request, who, unit_id, form, change)

    @pages.post("/routing/units/{unit_id}/suspend")
    async def suspend(
        unit_id: str, request: Request, who: Writer, form: Annotated[UnitForm, Form()]
    ) -> Response:
        change = partial(offices.suspending, successor=form.successor or None)
        return await room.change(request, who, unit_id, form, change)

    @pages.post("/routing/units/{unit_id}/resume")
    async def resume(
        unit_id: str, request: Request, who: Writer, form: Annotated[UnitForm, Form()]
    ) -> Response:
        return await room.change(request, who, unit_id, form, offices.resuming)

    return pages


class UnitRoom:
    """Where supervisors look after the units."""

    def __init__(self, office: Office) -> None:
        self.office = office

    async def directory(self, request: Request) -> HTMLResponse:
        office, language = self.office, language_of(request.cookies, request.headers)
        city, now = office.desk.city, office.store.now()
        since = now - timedelta(hours=SILENT_AFTER)
        loads = await office.store.read(
            partial(workloads.of_units, roster=city.roster, silent_since=since, now=now)
        )
        report = await office.store.read(partial(workloads.handovers, roster=city.roster))
        types = {kind: name.in_language(language) for kind, name in TYPES.items()}
        return render(
            request, "router_units.html", loads={one.unit: one for one in loads}, report=report,
            units=city.units, types=types, name=partial(city.unit_name, language=language),
            district=partial(city.district_name, language=language),
            connected={one.id for one in city.units if office.parts.partners.of(one.id).endpoint},
            silent_after=SILENT_AFTER,
        )  # fmt: skip

    async def unit(
        self, request: Request, who: Principal, unit_id: str, typed: UnitForm | None = None,
        errors: list[tuple[str, str]] | None = None, status: int = 200,
    ) -> HTMLResponse:  # fmt: skip
        """One unit; "new" for one that is to be added."""
        office, language = self.office, language_of(request.cookies, request.headers)
        newest = await office.newest()
        units = {one.id: one for one in (await office.check(newest.texts)).units}
        known = units.get(unit_id)
        if known is None and unit_id != "new":
            raise Problem.of("not-found")
        form = typed or UnitForm.of(known)
        others = [
            (one.id, one.title(language))
            for one in units.values()
            if known is not None and one.service == known.service and one.is_open and one.id != unit_id
        ]
        return render(
            request, "router_unit.html", status, unit=known, unit_id=unit_id, form=form, errors=errors or [],
            base=newest.number, others=others, may_write=who.may("routing.rules"),
            types=[(kind, name.in_language(language)) for kind, name in TYPES.items()],
            title=known.title(language) if known else "", watch=self._watch(unit_id),
        )  # fmt: skip

    def _watch(self, unit_id: str) -> str:
        """Who has this night at the unit, by staff number, in the order in which they are called."""
        city, now = self.office.desk.city, self.office.store.now()
        return " → ".join(city.duty.tonight(unit_id, now, city.calendar))

    async def change(
        self, request: Request, who: Principal, unit_id: str, form: UnitForm,
        change: Callable[[Unit | None], Unit],
    ) -> Response:  # fmt: skip
        english = language_of(request.cookies, request.headers) == "en"
        if not 0 < len(form.note.strip()) <= MOST_NOTE:
            wrong = [("note", _NO_NOTE.en if english else _NO_NOTE.zh)]
            return await self.unit(request, who, unit_id, form, wrong, 422)
        wanted = form.id if unit_id == "new" else unit_id
        try:
            await self.office.change_unit(wanted, form.base, change, form.note.strip(), who)
        except Refusal as error:
            wrong = [(error.field or "note", error.en if english else error.zh)]
            return await self.unit(request, who, unit_id, form, wrong, 422)
        except Problem as error:
            if error.status not in (409, 422):
                raise
            wrong = [("note", error.en if english else error.zh)]
            wrong += [("note", f"{one.field} {one.en if english else one.zh}") for one in error.errors]
            return await self.unit(request, who, unit_id, form, wrong, error.status)
        return see_other(f"/routing/units/{wanted}", saved=f"routing-unit-{unit_id}")
