"""The city's list of vacancies (岗位清单) as a file: each line is a vacancy, or a sentence why not. Pure.

CSV with a line of headings, in Chinese or by the names below, UTF-8 or GB18030 as spreadsheets write it; or
JSON: a list of objects, or an object on each line.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from services.domain.refusals import Refusal
from services.kernel.validation import problems_of, refusal_in

HEADINGS: Final[Mapping[str, str]] = {
    "编号": "id", "岗位": "title", "岗位名称": "title", "单位": "employer", "用人单位": "employer",
    "地址": "address", "工作地点": "address", "月薪下限": "pay_min", "月薪上限": "pay_max",
    "年龄下限": "age_min", "年龄上限": "age_max", "夜班": "nights", "人数": "openings",
    "招聘人数": "openings", "截止日期": "until", "要求": "requirements", "联系电话": "phone",
}  # fmt: skip
ID: Final = r"^[0-9A-Za-z._/-]{1,40}$"
_YES_OR_NO: Final = {"是": True, "有": True, "yes": True, "否": False, "无": False, "no": False, "": False}
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Yuan = Annotated[int, Field(ge=0, le=1_000_000)]
Age = Annotated[int, Field(ge=14, le=100)]


def _yes(value: object) -> object:
    return _YES_OR_NO.get(value.strip().lower(), value) if isinstance(value, str) else value


def _none_if_blank(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


class Listed(BaseModel):
    """A vacancy as the list says it. Pay in yuan a month; `until`: the last day on which it is open."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, coerce_numbers_to_str=True
    )

    id: Annotated[str, StringConstraints(strip_whitespace=True, pattern=ID)]
    title: Word
    employer: Word
    address: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    pay_min: Yuan
    pay_max: Yuan
    age_min: Annotated[Age, BeforeValidator(lambda value: _none_if_blank(value) or 16)] = 16
    age_max: Annotated[Age, BeforeValidator(lambda value: _none_if_blank(value) or 100)] = 100
    nights: Annotated[bool, BeforeValidator(_yes)] = False
    openings: Annotated[int, Field(ge=1, le=10_000)] = 1
    until: date
    requirements: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""
    phone: Annotated[str, StringConstraints(strip_whitespace=True, max_length=30)] = ""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.pay_max < self.pay_min:
            raise Refusal("vacancy", "月薪上限低于下限", "pay_max is less than pay_min", "pay_max")
        if self.age_max < self.age_min:
            raise Refusal("vacancy", "年龄上限低于下限", "age_max is less than age_min", "age_max")
        if self.age_min < 16:
            raise Refusal(
                "vacancy", "不得招用未满十六周岁的人（劳动法第十五条）",
                "nobody under 16 may be employed (Labour Law art 15)", "age_min",
            )  # fmt: skip
        return self


@dataclass(frozen=True)
class Rejected:
    """A line that is no vacancy: its number in the file, from 1, the field meant ("" the whole), and why."""

    line: int
    field: str
    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.line}: {self.field + ': ' if self.field else ''}{self.zh} / {self.en}"


class Unreadable(ValueError):
    """The file as a whole is no list; the sentence says why."""


Line = tuple[int, Listed | Rejected]


def read_list(content: bytes) -> Iterator[Line]:
    """Every line with its number. Unreadable: neither CSV with headings nor JSON."""
    text = _decoded(content).lstrip("\ufeff")
    rows = _json(text) if text.lstrip()[:1] in ("[", "{") else _csv(text)
    seen: dict[str, int] = {}
    for number, row in rows:
        found = row if isinstance(row, Rejected) else _listed(number, row)
        if isinstance(found, Listed):
            if found.id in seen:
                first = seen[found.id]
                found = Rejected(number, "id", f"编号与第 {first} 行重复", f"same id as line {first}")
            else:
                seen[found.id] = number
        yield number, found


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("文件既不是 UTF-8 也不是 GB18030。/ The file is neither UTF-8 nor GB18030.")


def _csv(text: str) -> Iterator[tuple[int, Mapping[str, object] | Rejected]]:
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        names = [HEADINGS.get(name.strip(), name.strip()) for name in next(lines, [])]
        needed = [name for name, field in Listed.model_fields.items() if field.is_required()]
        if missing := [name for name in needed if name not in names]:
            raise Unreadable(f"表头缺少：{'、'.join(missing)}。/ Headings are missing: {', '.join(missing)}.")
        for row in lines:
            number = lines.line_num
            if any(cell.strip() for cell in row):
                if len(row) != len(names):
                    yield number, Rejected(number, "", "列数与表头不同", "not as many cells as headings")
                else:
                    yield number, dict(zip(names, row, strict=True))
    except csv.Error as error:
        raise Unreadable(f"CSV 有误：{error}。/ The CSV is broken: {error}.") from None


def _json(text: str) -> Iterator[tuple[int, Mapping[str, object] | Rejected]]:
    for number, raw in _objects(text):
        if isinstance(raw, dict):
            yield number, {HEADINGS.get(str(name), str(name)): value for name, value in raw.items()}
        else:
            yield number, Rejected(number, "", "不是 JSON 对象", "not a JSON object")


def _objects(text: str) -> Iterator[tuple[int, object]]:
    if text.lstrip().startswith("["):
        try:
            yield from enumerate(json.loads(text), 1)
        except (ValueError, RecursionError):
            raise Unreadable("不是有效的 JSON。/ This is not JSON.") from None
        return
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError):
                yield number, None


def _listed(number: int, row: Mapping[str, object]) -> Listed | Rejected:
    try:
        return Listed.model_validate(row)
    except ValidationError as error:
        raw = error.errors(include_url=False)
        first, refusal = problems_of(raw)[0], refusal_in(raw[0])
        field = (refusal.field if refusal else None) or first.field
        return Rejected(number, field, first.zh, first.en)
