import json
import time
from pathlib import Path

import pytest
from rich.console import Console
from typer import Typer
from typer.testing import CliRunner

from services.commands.feed import command
from services.commands.feed_lines import FeedError, FeedFile, check, mobile
from services.commands.feed_run import Pace, feed
from services.commands.feed_table import progress_bar, table
from services.commands.feed_tally import Latency, Report
from services.domain.phones import phone
from tests.commands.fake_yikou import FakeYikou

FAST = Pace(rate=0, concurrency=4, patience=1, interval=0.01)
DISTRICTS = ("320115", "320106")
CENTRES = {"320115": "employment-jiangning", "320106": "employment-gulou"}


def written(folder: Path, *entries: object) -> FeedFile:
    path = folder / "cases.jsonl"
    path.write_text("".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries), "utf-8")
    return check(path)


def letters(folder: Path, number: int, body: str = "三个月没有发工资") -> FeedFile:
    return written(
        folder, *({"id": n, "subject": "欠薪", "body": body, "reply": "已回复"} for n in range(number))
    )


async def run(yikou: FakeYikou, found: FeedFile, pace: Pace = FAST, decide: bool = False) -> Report:
    async with yikou.client() as http:
        return await feed(http, found.read(DISTRICTS), pace, centres=CENTRES if decide else None)


async def test_letters_are_posted_followed_and_counted(tmp_path: Path) -> None:
    yikou = FakeYikou()
    report = await run(yikou, letters(tmp_path, 5))
    assert (report.sent, report.accepted, report.delivered, report.told) == (5, 5, 5, 5)
    assert (report.held, report.still_held, report.refused) == (0, 0, {})
    assert report.to_delivered == Latency(40, 40)
    assert report.to_told == Latency(100, 100)
    assert report.cases_per_second == pytest.approx(50)
    first = next(iter(yikou.cases.values())).body
    assert first == {
        "channel": "web",
        "text": "欠薪\n三个月没有发工资",
        "caller": {"phone": mobile(0), "residence_district": "320115"},
        "employer": {"work_district": "320115"},
    }


async def test_the_same_file_again_makes_no_second_case(tmp_path: Path) -> None:
    yikou = FakeYikou()
    for _ in range(2):
        assert (await run(yikou, letters(tmp_path, 3))).accepted == 3
    assert len(yikou.cases) == 3


async def test_a_lost_answer_is_asked_for_again_under_the_same_key(tmp_path: Path) -> None:
    yikou = FakeYikou()
    yikou.failures = [503, None, 500, None]
    report = await run(yikou, letters(tmp_path, 3))
    assert (report.accepted, report.refused, len(yikou.cases)) == (3, {}, 3)


async def test_a_refused_case_is_counted_by_its_problem(tmp_path: Path) -> None:
    found = written(tmp_path, {"text": ""}, {"text": "问社保怎么转"}, {"text": ""})
    report = await run(FakeYikou(), found)
    assert (report.accepted, report.refused) == (1, {"422 text-missing": 2})


async def test_a_server_that_never_answers_is_not_asked_for_ever(tmp_path: Path) -> None:
    yikou = FakeYikou()
    yikou.failures = [503] * 1000
    report = await run(yikou, letters(tmp_path, 1), Pace(rate=0, patience=0.2, interval=0.01))
    assert (report.accepted, report.refused) == (0, {"no answer in time": 1})


async def test_a_refused_token_ends_the_feed_with_a_sentence(tmp_path: Path) -> None:
    found = letters(tmp_path, 3)
    async with FakeYikou().client("another") as http:
        with pytest.raises(FeedError, match="token is missing, unknown or withdrawn"):
            await feed(http, found.read(DISTRICTS), FAST)


async def test_held_cases_are_an_end_unless_somebody_decides(tmp_path: Path) -> None:
    report = await run(FakeYikou(), letters(tmp_path, 2, "留置待核"))
    assert (report.held, report.still_held, report.decided, report.told) == (2, 2, 0, 0)


async def test_the_duty_supervisor_sends_held_cases_to_the_districts_centre(tmp_path: Path) -> None:
    yikou = FakeYikou()
    report = await run(yikou, letters(tmp_path, 2, "留置待核"), decide=True)
    assert (report.held, report.still_held, report.decided, report.told) == (2, 0, 2, 2)
    assert sorted(yikou.decisions) == [("case-0", "employment-jiangning"), ("case-1", "employment-gulou")]


async def test_a_feed_ends_when_nothing_moves_any_more(tmp_path: Path) -> None:
    yikou = FakeYikou()
    yikou.silent = True
    report = await run(yikou, letters(tmp_path, 2), Pace(rate=0, patience=0.2, interval=0.01))
    assert (report.accepted, report.told, report.cases_per_second) == (2, 0, 0)


async def test_cases_leave_at_the_wanted_rate(tmp_path: Path) -> None:
    started = time.monotonic()
    await run(FakeYikou(), letters(tmp_path, 11), Pace(rate=50, concurrency=4, patience=1, interval=0.01))
    assert time.monotonic() - started >= 10 / 50


async def test_more_cases_than_one_question_holds_are_followed_in_parts(tmp_path: Path) -> None:
    report = await run(
        FakeYikou(), letters(tmp_path, 1100), Pace(rate=0, concurrency=32, patience=5, interval=0.01)
    )
    assert report.told == 1100


async def test_a_line_in_the_apis_shape_is_sent_as_it_stands(tmp_path: Path) -> None:
    yikou, entry = (
        FakeYikou(),
        {"text": "老板不发钱", "employer": {"work_district": "320106"}, "urgent": True},
    )
    found = written(tmp_path, {"id": "a-7", **entry}, entry)
    await run(yikou, found)
    assert [case.body for case in yikou.cases.values()] == [entry, entry]
    assert [key.rsplit("-", 1)[-1] for key in yikou.cases] == ["7", "1"]
    assert [case.district for case in found.read(("320115",))] == ["320106", "320106"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "no cases in it"),
        (b'{"text": "a"}\nnot json\n', "line 2: not JSON in UTF-8"),
        (b"\xff\xfe\n", "line 1: not JSON in UTF-8"),
        (b"[1]\n", "line 1: not a JSON object"),
        (b'{"id": 1, "body": "b"}\n', 'line 1: neither "text" nor subject'),
        (b"1\n" * 9, "(and 4 more)"),
    ],
)
def test_a_file_that_holds_no_cases_is_refused_before_anything_is_sent(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_bytes(content)
    with pytest.raises(FeedError, match=sentence.replace("(", r"\(").replace(")", r"\)")):
        check(path)


def test_made_up_mobiles_are_valid_and_different() -> None:
    numbers = {phone(mobile(n), "025").e164 for n in (0, 1, 499, 9_999_999)}
    assert len(numbers) == 4


def test_percentiles_are_nearest_ranks() -> None:
    assert Latency.of([]) == Latency(None, None)
    assert Latency.of(range(1, 101)) == Latency(50, 99)
    assert Latency.of([7]) == Latency(7, 7)


async def test_the_table_shows_counts_and_latencies(tmp_path: Path) -> None:
    yikou, console = FakeYikou(), Console(record=True, width=120, force_terminal=False)
    found = written(tmp_path, {"text": ""}, *({"text": f"{n}"} for n in range(3)))
    async with yikou.client() as http:
        with progress_bar(found.cases, console) as watch:
            report = await feed(http, found.read(DISTRICTS), FAST, watch=watch)
    console.print(table(report))
    shown = console.export_text()
    for words in ("1 x 422 text-missing", "of 4 sent", "40 ms", "p50; p99 100 ms", "3/4"):
        assert words in shown


def test_the_command_says_what_is_wrong_and_fails(tmp_path: Path) -> None:
    app, path = Typer(), tmp_path / "cases.jsonl"
    app.command()(command)
    path.write_text('{"text": "a"}\n')
    for arguments, sentence in (
        ([str(tmp_path / "absent.jsonl")], "No such file"),
        ([str(path), "--districts", "310101"], "310101"),
        ([str(path), "--url", "http://127.0.0.1:9", "--patience", "1"], "0 of 1 sent"),
    ):
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 1
        assert sentence.replace(" ", "") in "".join(result.output.split()).replace("│", "")
