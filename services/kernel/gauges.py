"""What an operator watches in every running service: what has not left, what waits, how far behind it is."""

from services.kernel import metrics
from services.kernel.alarms import Alarm
from services.kernel.cell import Cell
from services.kernel.figures import count


async def observe(cell: Cell) -> list[Alarm]:
    """Bring the gauges and alarms of one service up to date with a few small queries; what rings."""
    name, store = cell.service.name, cell.service.store
    now = store.now()
    figures = await store.read(lambda session: count(session, now))
    figures["log_records"] = await cell.log.lag(name) if cell.service.handlers else 0
    figures["restarts"] = cell.restarts
    for (metric, labels), figure in metrics.OF_FIGURE.items():
        metric.labels(name, *labels).set(figures[figure])
    cell.alarms.see(figures, now)
    ringing = cell.alarms.ringing(now)
    names = {alarm.rule.name for alarm in ringing}
    for rule in cell.alarms.rules:
        metrics.ALARMS.labels(name, rule.name).set(rule.name in names)
    return ringing
