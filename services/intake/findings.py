"""What the check of a half-filled form answers. Nothing goes out that does not stand here."""

from services.domain.places import Confidence
from services.intake.views import CaseLine, ClusterOut, Out


class FieldOut(Out):
    """What is wrong with one field ("caller.phone"), in a sentence that the agent can read out."""

    field: str
    text: str


class AlternativeOut(Out):
    """What an address may mean instead. `code`: six or nine digits."""

    code: str
    name: str
    street_name: str


class LocatedOut(Out):
    """Where an address is. `reason`: why it is unsure, in a sentence; `evidence`: names of the table."""

    district: str | None
    name: str
    street: str | None
    street_name: str
    confidence: Confidence
    evidence: str
    reason: str
    alternatives: tuple[AlternativeOut, ...]


class PlacesOut(Out):
    """None where no address was given, or its district was chosen by hand."""

    work: LocatedOut | None = None
    employer: LocatedOut | None = None
    residence: LocatedOut | None = None


class IdentifiersOut(Out):
    """Those that are right. `phone`: mobile or landline; `uscc` in its canonical form."""

    phone: str | None = None
    uscc: str | None = None


class SuggestionOut(Out):
    """What the text is probably about; the agent's choice wins. `evidence`: the words that decided."""

    kind: str
    kind_name: str
    report_type: str | None
    urgent: bool
    mass: bool
    evidence: tuple[str, ...]
    confidence: Confidence


class DestinationOut(Out):
    """Where the case would go. `unit` None: to a person; `why`: the rule or reason in words."""

    kind: str
    kind_name: str
    unit: str | None
    why: str


class SimilarOut(Out):
    """A case with nearly the same text. `share`: how much is the same, 0 to 1."""

    case: CaseLine
    share: float


class SeenOut(Out):
    """Earlier cases, open ones first, at most five of each."""

    phone: tuple[CaseLine, ...]
    employer: tuple[CaseLine, ...]
    similar: tuple[SimilarOut, ...]


class CheckOut(Out):
    """All that can be said of a half-filled form. `destination`: None without a text or kind."""

    problems: tuple[FieldOut, ...]
    identifiers: IdentifiersOut
    places: PlacesOut
    suggestion: SuggestionOut | None
    destination: DestinationOut | None
    seen: SeenOut
    cluster: ClusterOut | None
