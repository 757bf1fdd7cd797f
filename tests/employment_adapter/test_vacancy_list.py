"""The list of vacancies as a file: what is taken, what is rejected and why, and what is no list at all."""

import json

import pytest

from services.employment_adapter.models import Vacancy
from services.employment_adapter.vacancies import placed
from services.employment_adapter.vacancy_list import Listed, Rejected, Unreadable, read_list
from tests.kernel.tasks.kinds import NANJING, nanjing

HEAD = "编号,岗位,单位,地址,月薪下限,月薪上限,年龄下限,年龄上限,夜班,人数,截止日期,要求,联系电话"
GOOD = "A-1,小区保安,锁金物业,南京市玄武区锁金村街道,3000,3600,18,58,否,2,2027-12-31,,025-55550001"


def lines(*rows: str, head: str = HEAD, encoding: str = "utf-8") -> list[Listed | Rejected]:
    return [found for _, found in read_list("\n".join([head, *rows, ""]).encode(encoding))]


def test_the_sample_of_the_city_is_without_fault_and_in_its_districts() -> None:
    found = [placed(line, nanjing()) for line in read_list((NANJING / "vacancies.csv").read_bytes())]
    assert len(found) == 39
    assert all(isinstance(one, Vacancy) for one in found)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_list_is_read_as_spreadsheets_write_it(encoding: str) -> None:
    [one] = lines(GOOD, encoding=encoding)
    assert isinstance(one, Listed)
    assert (one.id, one.title, one.pay_max, one.nights) == ("A-1", "小区保安", 3600, False)


def test_a_json_list_and_json_lines_say_the_same_as_csv() -> None:
    [csv] = lines(GOOD)
    assert isinstance(csv, Listed)
    entry = csv.model_dump(mode="json")
    for content in (json.dumps([entry]), json.dumps(entry) + "\n"):
        assert [found for _, found in read_list(content.encode())] == [csv]


@pytest.mark.parametrize(
    ("old", "new", "field", "why"),
    [
        ("3600", "2600", "pay_max", "pay_max is less than pay_min"),
        ("3600", "面议", "pay_max", ""),
        (",18,58", ",58,18", "age_max", "age_max is less than age_min"),
        (",18,58", ",15,58", "age_min", "nobody under 16"),
        ("2027-12-31", "长期", "until", ""),
        ("小区保安", "", "title", ""),
        ("A-1", "甲 1", "id", ""),
        (",否,", ",也许,", "nights", ""),
        (",025-55550001", "", "", "not as many cells"),
    ],
)
def test_a_line_that_is_no_vacancy_is_named_with_its_field(old: str, new: str, field: str, why: str) -> None:
    assert old in GOOD
    found = lines(GOOD.replace(old, new, 1), GOOD.replace("A-1", "A-2"))
    assert isinstance(found[0], Rejected)
    assert (found[0].line, found[0].field) == (2, field)
    assert why in found[0].en
    assert isinstance(found[1], Listed)


def test_the_same_id_twice_counts_once() -> None:
    found = lines(GOOD, GOOD)
    assert [type(one) for one in found] == [Listed, Rejected]
    assert "line 2" in str(found[1])


@pytest.mark.parametrize("address", ["上海市静安区", "一个好地方", "鼓楼区或玄武区"])
def test_a_place_outside_the_city_or_unclear_is_rejected(address: str) -> None:
    [line] = read_list(f"{HEAD}\n{GOOD.replace('南京市玄武区锁金村街道', address)}\n".encode())
    found = placed(line, nanjing())
    assert isinstance(found, Rejected)
    assert found.field == "address"


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe\x00garbage\x81", b"[1, 2", "编号,岗位\nA,b\n".encode(), f'{HEAD}\n"A-1,b\n'.encode()],
    ids=["empty", "bytes", "half JSON", "headings missing", "an open quote"],
)
def test_what_is_no_list_is_said_so(content: bytes) -> None:
    with pytest.raises(Unreadable):
        list(read_list(content))


def test_json_that_holds_no_objects_is_rejected_line_by_line() -> None:
    found = [one for _, one in read_list(b'[1, "x", {"a": 1}]')]
    assert all(isinstance(one, Rejected) for one in found)
    deep = b"[" * 100_000
    with pytest.raises(Unreadable):
        list(read_list(deep))
