"""python -m tools.accuracy.measure: reads invented addresses; prints how often that went well, how fast."""

import argparse
import random
import resource
import time
from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

from services.domain.districts import locate
from services.domain.gazetteer import Gazetteer
from services.domain.home import Home
from services.domain.location import Location
from services.domain.national import National
from tools.accuracy.addresses import Case, Maker, Part, part_of
from tools.accuracy.tally import Tally
from tools.accuracy.variants import cases

NAMED = ("320100", "310000", "330100", "320583")
_ENOUGH = 4  # streets


class Reading(NamedTuple):
    """The addresses of one city, how they were read, and the seconds that took."""

    city: str
    results: list[tuple[Case, Location]]
    seconds: float


def main() -> None:
    given = _arguments()
    before = _megabytes()
    started = time.perf_counter()
    table = National.read()
    ready(NAMED[0], table)
    print(f"load {1000 * (time.perf_counter() - started):.0f} ms, {_megabytes() - before:.0f} MB\n")
    part: Part = "tuning" if given.tuning else "held-out"
    named = [read(code, table, part, given.count, given.seed) for code in NAMED]
    others = [
        read(code, table, part, given.count, given.seed)
        for code in drawn(table, part, given.cities, given.seed)
    ]
    for title, readings in (("南京 上海 杭州 昆山", named), (f"{len(others)} further cities", others)):
        tally = Tally.of(result for reading in readings for result in reading.results)
        print(f"{title} ({part})\n" + "\n".join(tally.lines()) + "\n")
    everything = [*named, *others]
    if given.wrong:
        print("\n".join(line for reading in everything for line in wrong(reading)))
    count = sum(len(reading.results) for reading in everything)
    print(f"{count} addresses, {1e6 * sum(reading.seconds for reading in everything) / count:.0f} µs each")


def read(code: str, table: National, part: Part, count: int, seed: int) -> Reading:
    """Up to `count` addresses of each kind for one home city, read."""
    gazetteer = ready(code, table)
    made = list(cases(Maker(gazetteer.home, table, part, seed), count))
    started = time.perf_counter()
    found = [locate(case.address, gazetteer) for case in made]
    return Reading(gazetteer.home.name, list(zip(made, found, strict=True)), time.perf_counter() - started)


def ready(code: str, table: National) -> Gazetteer:
    """With everything that is otherwise made at the first need."""
    gazetteer = Gazetteer.of(Home.of(code, table), table)
    locate("某某区", gazetteer)
    return gazetteer


def drawn(table: National, part: Part, count: int, seed: int) -> list[str]:
    """Further home cities, of prefectures and county-level cities that have streets; others for each part."""
    cities = [code for code, name in table.names.items() if code[2:] != "0000" and name.endswith("市")]
    random.Random(f"{seed}-{part}").shuffle(cities)
    known = (code for code in cities if code not in NAMED and _streets(code, table, part) >= _ENOUGH)
    return list(islice(known, count))


def _streets(code: str, table: National, part: Part) -> int:
    return sum(part_of(street) == part for street in Home.of(code, table).streets)


def wrong(reading: Reading) -> Iterable[str]:
    """What was not read rightly, a line each."""
    for case, found in reading.results:
        if (found.district or "") != case.district:
            read_as = (str(found.district), found.confidence, found.reason, found.evidence)
            yield "\t".join((reading.city, case.variant, case.address, case.district, *read_as))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tuning", action="store_true", help="the part that rules may be tuned on")
    parser.add_argument("--count", type=int, default=200, help="addresses of each kind and city")
    parser.add_argument("--cities", type=int, default=20, help="further cities")
    parser.add_argument("--seed", type=int, default=12333)
    parser.add_argument("--wrong", action="store_true", help="print what went wrong")
    return parser.parse_args()


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
