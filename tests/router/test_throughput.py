"""How fast the handlers are: printed for comparison (pytest -s), never asserted."""

from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time

from services.domain.moment import Moment
from services.domain.routing_rules import Facts, Routed, decide
from services.domain.rule_book import RuleBook, Texts
from tests.router.office import GULOU, Kind, nanjing, office, place

BATCHES, SIZE = 20, 100
CASES = 2_000


async def test_print_how_many_cases_are_routed_in_a_second(tmp_path: Path) -> None:
    async with office(tmp_path) as router:
        batches = [
            [router.received(work=place(GULOU), employer_place=place(GULOU)) for _ in range(SIZE)]
            for _ in range(BATCHES)
        ]
        began, cpu = perf_counter(), process_time()
        for batch in batches:
            await router.hear(*batch)
        routed, routed_cpu = perf_counter() - began, process_time() - cpu
        began, cpu = perf_counter(), process_time()
        for batch in batches:
            await router.hear(*(router.accepted(case, "inspection-gulou") for case in batch))
            await router.hear(*(router.closed(case) for case in batch))
        moved, moved_cpu = perf_counter() - began, process_time() - cpu
    cases = BATCHES * SIZE
    print(f"\nrouted: {cases / routed:,.0f} cases/s, {1000 * routed_cpu / cases:.3f} ms CPU per case")
    print(f"moved: {2 * cases / moved:,.0f} events/s, {1000 * moved_cpu / 2 / cases:.3f} ms CPU per event")


def five_hundred_rules() -> str:
    """Nanjing's rules behind five hundred others for the same kind of case, none of which fits."""
    districts = [district.code for district in nanjing().districts]
    many = [
        f"""[[rule]]
id = "many-{number}"
zh = "第{number}条"
en = "rule {number}"
[rule.when]
kind = "wage_arrears"
work_district = "{districts[number % 11]}"
hour = {{ min = 8 }}
amount_owed_fen = {{ min = {10**9 - number * 1_000} }}
[rule.to]
service = "inspection"
by = "work"
"""
        for number in range(500)
    ]
    head, rest = nanjing().routing_texts.rules.split("[[rule]]", 1)
    return "".join([head, *many, "[[rule]]", rest])


def test_print_how_long_a_case_takes_with_five_hundred_rules() -> None:
    city, texts = nanjing(), Texts(nanjing().routing_texts.units, five_hundred_rules())
    began = process_time()
    book = RuleBook.read(texts, city.divisions.names())
    checked = process_time() - began
    assert book.problems == ()
    rules = city.with_book(book, "many").routing
    moment = Moment.of(datetime(2026, 11, 25, 2, tzinfo=UTC), city.calendar)
    facts = Facts(Kind.WAGE_ARREARS, urgent=True, work=place(GULOU), amount_owed_fen=5, moment=moment)
    began = process_time()
    for _ in range(CASES):
        decision = decide(rules, facts)
    took = process_time() - began
    assert isinstance(decision, Routed)
    assert decision.rule == "wage-by-work-place"
    print(f"\n{len(book.rules)} rules: {1e6 * took / CASES:.1f} µs CPU a case; checked in {checked:.2f} s")
