"""What a bench found, and the table that shows it."""

import os
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from rich.table import Table

from services.commands.feed_tally import Latency, Report


@dataclass(frozen=True)
class Figures:
    """`ready`: seconds. `intake`, `noop`, `plain`: answers per second, one for each round.

    `loop`: as fast as answers come, `cpu`: seconds of CPU it took; `steady`: at `rate` per second.
    `memory`: bytes at the end. None where the system does not say.
    """

    ready: float
    intake: tuple[float, ...]
    noop: tuple[float, ...]
    plain: tuple[float, ...]
    loop: Report
    cpu: float | None
    steady: Report
    rate: float
    memory: int | None


def table(found: Figures) -> Table:
    shown = Table(title="yikou bench", title_justify="left", show_header=False)
    shown.add_column(no_wrap=True)
    shown.add_column(justify="right", no_wrap=True)
    shown.add_column()
    shown.add_row("ready", f"{found.ready:.2f} s", "process start to /readyz 200, all services")
    shown.add_row("intake alone", f"{fmean(found.intake):,.0f}/s", per_second(found.intake))
    shown.add_row("endpoint that only validates", f"{fmean(found.plain):,.0f}/s", per_second(found.plain))
    shown.add_row("the same, served as intake is", f"{fmean(found.noop):,.0f}/s", per_second(found.noop))
    ratios = [f"{fmean(found.intake) / fmean(other):.2f}" for other in (found.plain, found.noop)]
    shown.add_row("ratio", " / ".join(ratios), "intake to each of the two; means, rounds alternate")
    shown.add_section()
    loop, steady = found.loop, found.steady
    cpu = f"; {found.cpu * 1000 / loop.accepted:.1f} ms CPU a case" if found.cpu and loop.accepted else ""
    remark = f"{loop.told} of {loop.accepted} told in {loop.seconds:.1f} s{cpu}"
    shown.add_row("whole loop", f"{loop.cases_per_second:,.1f}/s", remark)
    shown.add_section()
    at = f"at {found.rate:g}/s, {steady.delivered} of {steady.accepted} delivered"
    shown.add_row("accepted -> at the partner", _milliseconds(steady.to_delivered), f"p50 / p99 {at}")
    shown.add_row("post answered", _milliseconds(steady.posting), f"p50 / p99 at {found.rate:g}/s")
    shown.add_section()
    memory = "-" if found.memory is None else f"{found.memory / 1e6:,.0f} MB"
    shown.add_row("memory", memory, "resident at the end, all services in one process")
    return shown


def resident(process: int) -> int | None:
    """Bytes of memory that a process holds; None where there is no /proc."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return None


def cpu_seconds(process: int) -> float | None:
    """Seconds of CPU that a process has used so far; None where there is no /proc."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def per_second(rates: tuple[float, ...]) -> str:
    return "rounds " + ", ".join(f"{rate:,.0f}" for rate in rates)


def _milliseconds(latency: Latency) -> str:
    if latency.p50 is None or latency.p99 is None:
        return "-"
    return f"{latency.p50:,.0f} / {latency.p99:,.0f} ms"
