"""What a feed shows: bars while it runs, a table when it has ended."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from services.commands.feed_tally import Latency, Report, Tally

BARS = ("accepted", "delivered", "told")
PAUSE = 0.2  # seconds between two counts: counting costs as much as there are cases


@contextmanager
def progress_bar(cases: int, console: Console) -> Iterator[Callable[[Tally], None]]:
    """Three bars of `cases`; gives what to call whenever something moved."""
    columns = (TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bars:
        ids = {name: bars.add_task(name, total=cases) for name in BARS}
        shown_at = 0.0

        def show(tally: Tally) -> None:
            nonlocal shown_at
            if tally.sent < cases and time.monotonic() - shown_at < PAUSE:
                return
            shown_at = time.monotonic()
            bars.update(ids["accepted"], completed=len(tally.followed))
            bars.update(ids["delivered"], completed=tally.number("delivered"))
            bars.update(ids["told"], completed=tally.number("told"))

        yield show


def table(report: Report) -> Table:
    """Counts, then latencies by the server's own clock (the post by ours)."""
    shown = Table(title="yikou feed", title_justify="left", show_header=False)
    shown.add_column(no_wrap=True)
    shown.add_column(justify="right", no_wrap=True)
    shown.add_column(no_wrap=True)
    refused = ", ".join(f"{number} x {why}" for why, number in report.refused.items())
    for name, number, remark in (
        ("accepted", report.accepted, f"of {report.sent} sent"),
        ("refused", sum(report.refused.values()), refused),
        ("held", report.held, f"{report.still_held} still; {report.decided} decisions made here"),
        ("delivered", report.delivered, ""),
        ("told", report.told, ""),
    ):
        shown.add_row(name, str(number), remark)
    shown.add_section()
    for name, latency in (
        ("post answered", report.posting),
        ("accepted -> delivered", report.to_delivered),
        ("accepted -> told", report.to_told),
    ):
        shown.add_row(name, *_latency(latency))
    shown.add_section()
    shown.add_row("whole loop", f"{report.cases_per_second:.1f}/s", f"in {report.seconds:.1f} s")
    return shown


def _latency(latency: Latency) -> tuple[str, str]:
    if latency.p50 is None or latency.p99 is None:
        return "-", ""
    return f"{latency.p50:,.0f} ms", f"p50; p99 {latency.p99:,.0f} ms"
