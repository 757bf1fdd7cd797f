"""How fast the handlers are: printed for comparison (pytest -s), never asserted."""

from pathlib import Path
from time import perf_counter, process_time

from tests.router.office import GULOU, office, place

BATCHES, SIZE = 20, 100


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
