"""What the bench of the scaled-out system found, and the table that shows it beside what is to be reached."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean

from rich.table import Table

from services.commands.bench_table import per_second
from services.commands.feed_tally import Latency, Report


@dataclass(frozen=True)
class Figures:
    """`ready`: seconds until one process that starts alone can work, and until all do that start at once.

    `loop`: as fast as answers come; `cpu`: seconds of CPU it took, by part.

    `steady`: reports by cases per second. `intake`, `noop`: answers per second, of each round.
    `chain`: records per second. `memory`: bytes by process.
    """

    ready: tuple[float, float]
    loop: Report
    cpu: Mapping[str, float]
    steady: Mapping[float, Report]
    memory: Mapping[str, int]
    intake: tuple[float, ...]
    noop: tuple[float, ...]
    chain: float


def table(found: Figures) -> Table:
    """must / aim: what is to be reached on two cores that all of it shares."""
    shown = Table(title="yikou, Kafka and PostgreSQL, a process for each service", title_justify="left")
    shown.add_column("", no_wrap=True)
    shown.add_column("", justify="right", no_wrap=True)
    shown.add_column("must / aim", justify="right", no_wrap=True)
    shown.add_column("", overflow="fold")
    ratio = fmean(found.intake) / fmean(found.noop)
    alone, together = found.ready
    shown.add_row("ready", f"{alone:.2f} s", "2 s", "intake, started alone, to /readyz 200")
    shown.add_row("ready, six at once", f"{together:.2f} s", "", "each service, until all of them can work")
    shown.add_row("endpoint that only validates", f"{fmean(found.noop):,.0f}/s", "", per_second(found.noop))
    shown.add_row("intake alone, durable", f"{fmean(found.intake):,.0f}/s", "", per_second(found.intake))
    shown.add_row("ratio", f"{ratio:.2f}", "0.25 / 0.45", "of the two means; rounds alternate")
    shown.add_section()
    loop = found.loop
    told = f"{loop.told} of {loop.accepted} told in {loop.seconds:.1f} s"
    shown.add_row("whole loop", f"{loop.cases_per_second:,.1f}/s", "250 / 450", told)
    each = {part: 1000 * seconds / loop.accepted for part, seconds in found.cpu.items()}
    parts = ", ".join(f"{part} {ms:.1f}" for part, ms in each.items())
    shown.add_row("CPU a case", f"{sum(each.values()):.1f} ms", "7 / 4", parts)
    four = f"{found.chain / loop.cases_per_second:.0f} times the whole loop; no database"
    shown.add_row("four hops of Kafka alone", f"{found.chain:,.0f}/s", "", four)
    shown.add_section()
    for rate, report in found.steady.items():
        must = "80, 250 / 40, 120" if rate <= 50 else "-, 400 / -, 150"
        shown.add_row(
            f"accepted -> at the partner, {rate:g}/s",
            _milliseconds(report.to_delivered),
            must,
            f"p50 / p99, ms; {report.delivered} of {report.accepted} delivered",
        )
        shown.add_row(
            f"post answered, {rate:g}/s", _milliseconds(report.posting), "-, 60 / -, 30", "p50 / p99, ms"
        )
    shown.add_section()
    for name, size in found.memory.items():
        shown.add_row(f"memory, {name}", f"{size / 1e6:,.0f} MB", "120 / 90", "")
    return shown


def _milliseconds(latency: Latency) -> str:
    return "-" if latency.p50 is None or latency.p99 is None else f"{latency.p50:,.0f} / {latency.p99:,.0f}"
