"""A place as the router sees it: official codes, never an address."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Confidence = Literal["certain", "likely", "unsure"]


class Place(BaseModel):
    """Where something is, by official division codes (行政区划代码), with how sure we are.

    `district` has six digits, `street` nine or twelve; both may be unknown. `evidence` names the words that
    decided (a division's name, "agent"), never the address itself: it travels unsealed.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    district: str | None = None
    street: str | None = None
    confidence: Confidence
    evidence: str = ""
