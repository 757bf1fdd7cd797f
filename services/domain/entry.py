"""What every entry of a city folder has in common: frozen, no unknown keys, said in both languages."""

from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from services.domain.names import Name

DistrictCode = Annotated[str, Field(pattern=r"^\d{6}$")]
"""Six digits of the official table of divisions (行政区划代码, GB/T 2260)."""

UnitId = Annotated[str, Field(pattern=r"^[a-z]+(-[a-z0-9]+)+$")]
"""`inspection-jiangning`: the service, then the district's name in pinyin."""

Said = Annotated[str, Field(min_length=1)]


class Entry(BaseModel):
    """One table of one file. A key that nobody reads is a mistake somebody made, so it is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Wording(Entry):
    """The same thing said in Chinese and in English."""

    zh: Said
    en: Said

    def in_language(self, language: str) -> str:
        """For a reader of `language` (a tag such as "zh-CN"); Chinese unless English is asked."""
        return Name(self.zh, self.en).in_language(language)


class Problem(NamedTuple):
    """What is wrong with a city folder: in which file, at which entry, on which line, and why."""

    file: str
    entry: str
    zh: str
    en: str
    line: int | None = None

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{where}: {self.entry}: {self.zh} / {self.en}"
