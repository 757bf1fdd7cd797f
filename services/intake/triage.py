"""What a case is: kind, legal form, urgency; as whoever wrote it down chose, else as its text says.

The choice of a person always wins. Where nobody chose and the text leaves it in doubt, the kind is "other"
and a tag says why, so that the rules give it to a person.
"""

from typing import Final, NamedTuple

from services.domain.city import City
from services.domain.kinds import Kind, ReportType
from services.domain.refusals import Refusal
from services.domain.suggestion import suggest, topics
from services.intake.author import Author
from services.intake.schemas import CaseIn

UNSURE: Final = "kind_unsure"
MASS: Final = "mass"


class Triage(NamedTuple):
    """`tags`: UNSURE, MASS and the topics of an inquiry, for rules and clocks."""

    kind: Kind
    report_type: ReportType | None
    urgent: bool
    tags: tuple[str, ...] = ()


def triage(given: CaseIn, city: City, author: Author) -> Triage:
    """A citizen is not asked how urgent it is: of theirs, the text says so also where the kind was chosen."""
    kind, report_type = given.kind, given.report_type
    if kind is None and report_type is not None:
        kind = Kind.WAGE_ARREARS  # only wage cases have the two forms
    found = suggest(given.text, city.words) if kind is None or author.kind == "citizen" else None
    tags: tuple[str, ...] = ()
    if kind is None and found is not None:
        kind = found.settled
        report_type = found.report_type if kind is Kind.WAGE_ARREARS else None
        tags = (UNSURE,) if found.confidence == "unsure" else ()
    kind = kind or Kind.OTHER
    if found is not None and found.mass and kind is Kind.WAGE_ARREARS:
        tags = (*tags, MASS)
    if kind is Kind.INQUIRY:
        tags = (*tags, *topics(given.text, city.words))
    urgent = found.urgent if given.urgent is None and found is not None else bool(given.urgent)
    if kind is Kind.WAGE_ARREARS:
        if given.caller.anonymous and given.report_type is None:
            report_type = ReportType.REPORT
        report_type = report_type or ReportType.COMPLAINT
    return Triage(kind, report_type, urgent, tags)


def check_form(given: CaseIn, kind: Kind, report_type: ReportType | None) -> None:
    """Raises Refusal where kind, form and anonymity do not go together (劳动保障监察条例 art 9)."""
    if report_type is not None and kind is not Kind.WAGE_ARREARS:
        raise Refusal(
            "report-type-kind",
            "只有欠薪案件分投诉和举报，请去掉这一项或改类型。",
            "Only wage cases are complaints or reports: leave this out, or change the kind.",
        )
    if given.caller.anonymous and report_type is ReportType.COMPLAINT:
        raise Refusal(
            "complaint-anonymous",
            "投诉须实名，匿名只能举报。",
            "A complaint must be named; anonymously one can only report.",
        )
    if given.caller.anonymous and given.caller.name:
        raise Refusal(
            "anonymous-name",
            "匿名时不填姓名，请去掉姓名，或改为实名。",
            "Without a name means no name: leave it out, or do not ask for anonymity.",
        ).at("caller.name")
