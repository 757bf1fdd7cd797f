"""`yikou locate`: a line of JSON for each line, whatever stands in it; a sentence for a wrong city."""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from services.commands.locate import answers, gazetteer_of
from services.domain.city_files import CityError

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy/cities/nanjing"
NANJING = gazetteer_of("320100", FOLDER)


def said(text: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answers(io.BytesIO(text), NANJING)]


def run(addresses: str, *options: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "services", "locate", *options],
        cwd=ROOT, input=addresses, capture_output=True, text=True, encoding="utf-8", timeout=60,
    )  # fmt: skip


def test_each_address_gets_district_street_evidence_and_alternatives() -> None:
    certain, likely = said("南京市江宁区秣陵街道某路1号\n鼓楼区中山北路\n".encode())
    assert certain == {
        "code": "320115", "name": "江宁区", "street": "320115011", "street_name": "秣陵街道",
        "confidence": "certain", "evidence": "江宁区、秣陵街道", "alternatives": [], "reason": None,
    }  # fmt: skip
    assert (likely["code"], likely["confidence"]) == ("320106", "likely")
    assert {"code": "320302", "name": "徐州市鼓楼区"} in likely["alternatives"]


def test_no_line_repeats_what_was_asked() -> None:
    line = next(answers(io.BytesIO("南京市江宁区天元西路599弄王小明".encode()), NANJING))
    assert "天元" not in line
    assert "王小明" not in line


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"", "empty"),
        (b"   \t", "empty"),
        (b"\xff\xfe\x80", "not_utf8"),
        ("江宁区".encode("gb18030"), "not_utf8"),
        ("🙂🙂🏗".encode(), "unknown"),
        (b"\x00\x01\x02", "unknown"),
        ("南京市江宁区".encode() * 1700, "too_long"),
        (b"a" * 500_000, "too_long"),
    ],
)
def test_nonsense_is_answered_with_a_sentence_and_what_follows_is_read(line: bytes, reason: str) -> None:
    first, second = said(line + "\n江宁区\n".encode())
    assert (first["code"], first["confidence"], first["reason"]["code"]) == (None, "unsure", reason)
    assert first["reason"]["zh"]
    assert first["reason"]["en"]
    assert second["code"] == "320115"


def test_line_ends_of_other_systems_and_a_missing_last_one_do_not_matter() -> None:
    assert [one["code"] for one in said("\ufeff江宁区\r\n雨花台区".encode())] == ["320115", "320114"]


def test_a_city_folder_beside_the_installations_own_is_used_for_its_code() -> None:
    assert "江北新区" in NANJING.home.areas
    assert gazetteer_of("310000", FOLDER).home.areas == {}
    assert gazetteer_of(None, FOLDER).home == NANJING.home


def test_a_folder_that_cannot_be_used_is_an_error_only_where_it_was_asked_for(tmp_path: Path) -> None:
    with pytest.raises(CityError):
        gazetteer_of(None, tmp_path / "nowhere")
    assert gazetteer_of("320583", tmp_path / "nowhere").home.name == "昆山市"


def test_it_runs_as_a_command_for_any_city() -> None:
    done = run("昆山花桥镇\n上海市静安区\n", "--city", "320583")
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["code"] for line in done.stdout.splitlines()] == ["320583", None]


def test_a_city_that_does_not_exist_is_one_sentence_in_both_languages() -> None:
    done = run("江宁区\n", "--city", "999999")
    assert (done.returncode, done.stdout) == (1, "")
    assert "没有这个城市代码" in done.stderr
    assert "There is no such city" in done.stderr
    assert "Traceback" not in done.stderr
