"""What must hold when a world has come to its end."""

from collections import Counter, defaultdict

from tests.simulation.town import DESK, UNIT
from tests.simulation.world import CASES, WRITES, World


def judge(world: World) -> None:
    """The predicates, from what the client, the partner and the log saw and what the disks hold."""
    said = world.broken
    names = {f"{case}-{number}" for case in range(CASES) for number in range(WRITES)}
    written = Counter(str(name) for (name,) in world.disks[DESK].rows("SELECT name FROM heard"))
    heard = Counter(str(name) for (name,) in world.disks[UNIT].rows("SELECT name FROM heard"))
    for name in sorted(names):
        if name in world.answered and written[name] != 1:
            said.append(f"{name} was answered and is there {written[name]} times")
        if heard[name] != 1:
            said.append(f"the unit heard {name} {heard[name]} times")
        if written[f"told {name}"] != 1:
            said.append(f"the desk was told of {name} {written[f'told {name}']} times")
        if world.partner.effects[name] != 1:
            said.append(f"the partner has {name} {world.partner.effects[name]} times")
    _in_order(world)
    _in_the_log(world)
    _by_the_newest_fence(world)
    if not world.finished():
        said.append("it was not finished")


def _in_order(world: World) -> None:
    rows = world.disks[UNIT].rows("SELECT case_id, name FROM heard ORDER BY id")
    of_case: defaultdict[object, list[str]] = defaultdict(list)
    for case, name in rows:
        of_case[case].append(str(name))
    world.broken.extend(
        f"heard out of order: {found}" for found in of_case.values() if found != sorted(found)
    )


def _in_the_log(world: World) -> None:
    logged = {(r.source, r.case_id.hex, r.seq) for records in world.log.partitions for r in records}
    for name, kept in world.disks.items():
        numbers: defaultdict[object, list[int]] = defaultdict(list)
        for case, seq, published in kept.rows(
            "SELECT case_id, case_seq, published_at FROM outbox ORDER BY 2"
        ):
            numbers[case].append(int(str(seq)))
            if (name, str(case).replace("-", ""), seq) not in logged:
                marked = "marked, but " if published else ""
                world.broken.append(f"{name} {seq} is {marked}not in the log")
        world.broken.extend(
            f"{name} said {found}" for found in numbers.values() if found != list(range(1, len(found) + 1))
        )


def _by_the_newest_fence(world: World) -> None:
    query = """SELECT delivery.key, delivery.state, sum(attempt.outcome = 'delivered'), max(attempt.fence),
        max(CASE WHEN attempt.outcome = 'delivered' THEN attempt.fence ELSE 0 END)
        FROM delivery JOIN attempt ON attempt.delivery_id = delivery.id GROUP BY delivery.id"""
    for key, state, good, newest, settled in world.disks[UNIT].rows(query):
        if state != "delivered":
            world.broken.append(f"{key} is {state}")
        if int(str(good)) > 1 or (good and settled != newest):
            world.broken.append(f"{key} was settled by fence {settled} of {newest}, {good} times")
