"""python -m tools.accuracy.measure: reads invented addresses, prints how often that went well, and how fast."""

import argparse
import random
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from services.domain.districts import locate
from services.domain.gazetteer import Gazetteer
from services.domain.home import Home
from services.domain.location import Location
from services.domain.national import National
from tools.accuracy.addresses import VARIANTS, Case, Maker, Part

NAMED = ("320100", "310000", "330100", "320583")
Tally = dict[str, Counter[str]]


def main() -> None:
    given = _arguments()
    before = _megabytes()
    started = time.perf_counter()
    table = National.read()
    first = Gazetteer.of(Home.of(NAMED[0], table), table)
    _ = table.street_names, first.spellings, first.namesake_streets
    print(f"load {1000 * (time.perf_counter() - started):.0f} ms, {_megabytes() - before:.0f} MB\n")
    part: Part = "tuning" if given.tuning else "held-out"
    named: Tally = defaultdict(Counter)
    others: Tally = defaultdict(Counter)
    spent = addresses = 0.0
    for code in (*NAMED, *_drawn(table, part, given.seed)):
        gazetteer = Gazetteer.of(Home.of(code, table), table)
        cases = list(Maker(gazetteer.home, table, part, given.seed).cases(given.count))
        locate("", gazetteer), gazetteer.spellings, gazetteer.namesake_streets
        started = time.perf_counter()
        found = [locate(case.address, gazetteer) for case in cases]
        spent += time.perf_counter() - started
        addresses += len(cases)
        _count(named if code in NAMED else others, zip(cases, found, strict=True))
        if given.wrong:
            _show(gazetteer.home.name, zip(cases, found, strict=True))
    for title, tally in (("南京 上海 杭州 昆山", named), (f"{given.cities} further cities", others)):
        print(f"{title} ({part})\n" + "\n".join(_lines(tally)) + "\n")
    print(f"{addresses:.0f} addresses, {1e6 * spent / addresses:.0f} µs each")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tuning", action="store_true", help="the part that rules may be tuned on")
    parser.add_argument("--count", type=int, default=200, help="addresses of each kind and city")
    parser.add_argument("--cities", type=int, default=20, help="further cities")
    parser.add_argument("--seed", type=int, default=12333)
    parser.add_argument("--wrong", action="store_true", help="print what went wrong")
    given = parser.parse_args()
    _drawn.cities = given.cities  # type: ignore[attr-defined]
    return given


def _drawn(table: National, part: Part, seed: int) -> list[str]:
    """Further cities: prefectures and county-level cities with streets, others for each part."""
    chance = random.Random(f"{seed}-{part}")
    pool = [code for code, name in table.names.items() if code[2:] != "0000" and name.endswith("市")]
    return chance.sample([code for code in pool if code not in NAMED], _drawn.cities)  # type: ignore[attr-defined]


def _outcome(case: Case, found: Location) -> Iterator[str]:
    yield "all"
    if not case.district:
        yield "right" if found.district is None else "wrong"
    elif found.district is None:
        yield "unsure"
    else:
        yield "right" if found.district == case.district else "wrong"
        if case.street and found.street == case.street:
            yield "street"
        if found.district != case.district and found.confidence == "certain":
            yield "wrong and certain"
    if not case.district and found.confidence == "certain":
        yield "wrong and certain"


def _count(tally: Tally, results: Iterable[tuple[Case, Location]]) -> None:
    for case, found in results:
        tally[case.variant].update(_outcome(case, found))


def _lines(tally: Tally) -> Iterator[str]:
    columns = ("right", "unsure", "wrong", "wrong and certain", "street")
    yield f"{'':22}{'count':>7}" + "".join(f"{column:>19}" for column in columns)
    for variant in VARIANTS:
        counts = tally[variant]
        shares = (f"{100 * counts[column] / max(1, counts['all']):18.2f}%" for column in columns)
        yield f"{variant:22}{counts['all']:7}" + "".join(shares)


def _show(city: str, results: Iterable[tuple[Case, Location]]) -> None:
    for case, found in results:
        if not {"right"} & set(_outcome(case, found)):
            print(f"{city}\t{case.variant}\t{case.address}\t{case.district}\t{found.district}\t"
                  f"{found.confidence}\t{found.reason}\t{found.evidence}")  # fmt: skip


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
