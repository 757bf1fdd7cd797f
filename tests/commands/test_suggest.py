"""`yikou suggest`: a line of JSON for each line, whatever stands in it; nothing of the message comes back."""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from services.commands.suggest import answers
from services.domain.city import City

ROOT = Path(__file__).parents[2]
WORDS = City.load(ROOT / "deploy/cities/nanjing").words


def said(text: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answers(io.BytesIO(text), WORDS)]


def line(**message: object) -> bytes:
    return json.dumps(message, ensure_ascii=False).encode() + b"\n"


def test_each_message_gets_its_kind_form_flags_and_the_words_that_decided() -> None:
    wage, inquiry = said(
        line(subject="投诉", body="老板拖欠我们二十名工人的工资")
        + line(subject="请问医保异地报销要带什么材料")
    )
    assert (wage["kind"], wage["report_type"], wage["mass"]) == ("wage_arrears", "complaint", True)
    assert {"拖欠", "工资"} <= set(wage["evidence"])
    assert (inquiry["kind"], inquiry["report_type"], inquiry["mass"]) == ("inquiry", None, False)
    assert list(wage) == ["kind", "report_type", "urgent", "mass", "evidence", "confidence", "reason"]


def test_a_message_may_have_only_one_of_the_two_and_other_fields_are_not_read() -> None:
    first, second = said(line(body="拖欠工资") + line(subject="拖欠工资", body=None, id=3, reply={"a": []}))
    assert first["kind"] == second["kind"] == "wage_arrears"


def test_no_line_repeats_the_message() -> None:
    answer = next(answers(io.BytesIO(line(body="我叫王小明，电话13812345678，老板拖欠工资")), WORDS))
    assert "王小明" not in answer
    assert "138" not in answer


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"[1, 2]", "not_json"),
        (b'"text"', "not_json"),
        (b"[" * 5000, "not_json"),
        (b"{}", "empty"),
        (b'{"subject": "", "body": "  "}', "empty"),
        (b'{"body": 7}', "not_text"),
        (b'{"subject": ["a"]}', "not_text"),
        (b'{"body": "\xff\xfe"}', "not_utf8"),
        ('{"body": "工资"}'.encode("gb18030"), "not_utf8"),
        (b'{"body": "' + b"a" * 2_000_000 + b'"}', "too_long"),
    ],
)
def test_nonsense_is_answered_with_a_sentence_and_what_follows_is_read(text: bytes, reason: str) -> None:
    first, second = said(text + b"\n" + line(body="拖欠工资"))
    assert (first["kind"], first["confidence"], first["reason"]["code"]) == ("other", "unsure", reason)
    assert first["reason"]["zh"]
    assert first["reason"]["en"]
    assert (second["kind"], second["reason"]) == ("wage_arrears", None)


def test_half_a_surrogate_pair_is_read_as_any_other_sign() -> None:
    assert (
        said(b'{"body": "\\ud800 \xe6\x8b\x96\xe6\xac\xa0\xe5\xb7\xa5\xe8\xb5\x84"}\n')[0]["kind"]
        == "wage_arrears"
    )


def test_it_runs_as_a_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "services", "suggest"], cwd=ROOT, input=line(body="公司拖欠工资").decode(),
        capture_output=True, text=True, encoding="utf-8", timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["kind"] == "wage_arrears"
