"""What else an address may mean, for the person who decides: at home first, then elsewhere."""

from collections.abc import Iterator, Sequence

from services.domain.gazetteer import Gazetteer, Hit
from services.domain.location import Alternative
from services.domain.mentions import Mentions
from services.domain.streets import guesses

SHOWN = 8


def alternatives(
    text: str, found: Mentions, decided: str | None, gazetteer: Gazetteer
) -> tuple[Alternative, ...]:
    """At most eight, never the district that was decided on."""
    named = (*found.local, *found.denied)
    places = [*_at_home(named, gazetteer), *_elsewhere(named, found, gazetteer)]
    if not named and not found.elsewhere:
        starts = (0, *found.home_ends)
        places += guesses(text, starts, gazetteer)
    return tuple(dict.fromkeys(one for one in places if one.code != decided))[:SHOWN]


def _at_home(named: Sequence[Hit], gazetteer: Gazetteer) -> Iterator[Alternative]:
    home = gazetteer.home
    for hit in named:
        for street in hit.meaning.streets:
            yield Alternative(street[:6], home.districts[street[:6]], street, home.streets[street])
        if not hit.meaning.streets:
            for code in hit.meaning.districts:
                yield Alternative(code, home.districts.get(code) or gazetteer.table.full_name(code))


def _elsewhere(named: Sequence[Hit], found: Mentions, gazetteer: Gazetteer) -> Iterator[Alternative]:
    """Counties and districts elsewhere of these names; where a large place is named, those within it."""
    table = gazetteer.table
    large = [
        code.removesuffix("00").removesuffix("00")
        for hit in found.foreign
        for code in table.by_name.get(hit.meaning.name, ())
        if code.endswith("00")
    ]
    shared = [] if found.at_home and not found.foreign else [hit for hit in named if hit.meaning.shared]
    for hit in (*found.foreign, *shared):
        for code in table.by_name.get(hit.meaning.name, ()):
            within = not large or code.startswith(tuple(large))
            if within and not code.endswith("00") and code not in gazetteer.home.districts:
                yield Alternative(code, table.full_name(code))
