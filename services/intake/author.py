"""Who writes a case down."""

from dataclasses import dataclass
from typing import Literal

from services.kernel.roles import Principal


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes a case down. `client`: the machine client, if any; `by`: as in events; None: a citizen."""

    kind: Literal["agent", "client", "citizen"]
    by: str | None = None
    staff_number: str | None = None
    client: str | None = None
    language: str = "zh-CN"

    @classmethod
    def of(cls, who: Principal) -> "Author":
        if who.kind == "machine":
            return cls("client", who.by, client=who.name)
        return cls("agent", who.by, staff_number=who.staff_number)
