"""What a case consists of, part by part, before it is sealed.

`record` is for those who act, `contact` for those who tell the caller, `identity` for intake alone. Of a
report (举报) only `identity` says who the caller is (劳动保障监察条例 art 9).
"""

from datetime import datetime
from typing import Literal

from services.domain.employers import public_name
from services.intake.facts import Facts, fen
from services.intake.schemas import CaseIn

ToldBy = Literal["notifier", "intake", "nobody"]


def told(given: CaseIn, facts: Facts) -> ToldBy:
    """Who tells the caller the result: intake where the identity must not leave it, nobody without a way."""
    if facts.confidential and facts.phone:
        return "intake"
    return "notifier" if facts.phone or given.callback_url else "nobody"


def columns(given: CaseIn, facts: Facts) -> dict[str, object]:
    """The columns of intake_case that a correction may change."""
    return {
        "kind": facts.kind.value,
        "report_type": facts.report_type and facts.report_type.value,
        "urgent": facts.urgent,
        "work_district": facts.work and facts.work.district,
        "work_street": facts.work and facts.work.street,
        "employer_district": facts.employer_place and facts.employer_place.district,
        "residence_district": facts.residence and facts.residence.district,
        "employer_name": public_name(given.employer.name),
        "employer_core": facts.employer,
        "uscc": facts.uscc,
        "amount_owed_fen": fen(given.amount_owed),
        "workers_affected": given.workers_affected,
    }


def record(given: CaseIn, facts: Facts, at: datetime) -> dict[str, object]:
    """The full record, never a summary, without the identity of a report or of who stays unnamed."""
    caller, employer = given.caller, given.employer
    named = not (facts.confidential or caller.anonymous)
    known = named and (caller.name or facts.phone or caller.residence)
    return {
        "text": given.text,
        "caller": {
            "name": caller.name or None,
            "phone": facts.phone.e164 if facts.phone else None,
            **({"extension": facts.phone.extension} if facts.phone and facts.phone.extension else {}),
            "residence": caller.residence or None,
        } if known else None,
        "employer": {
            "name": employer.name or None, "uscc": facts.uscc, "work_address": employer.work_address or None,
            "work_district": employer.work_district, "address": employer.address or None,
        },
        "amount_owed": _yuan(given),
        "workers_affected": given.workers_affected,
        "recording_ref": given.recording_ref or None,
        "channel": facts.channel.value,
        "at": at,
        "kind": facts.kind.value,
        "report_type": facts.report_type and facts.report_type.value,
    }  # fmt: skip


def _yuan(given: CaseIn) -> int | float | None:
    amount = given.amount_owed
    if amount is None:
        return None
    return int(amount) if amount == int(amount) else float(amount)


def contact(given: CaseIn, facts: Facts, code: str, client: str | None) -> dict[str, object] | None:
    if told(given, facts) != "notifier":
        return None
    unnamed = facts.confidential or given.caller.anonymous
    return {
        "name": None if unnamed else given.caller.name or None,
        "phone": facts.phone.written if facts.phone else None,
        "phone_kind": facts.phone.kind if facts.phone else None,
        "callback_url": given.callback_url or None,
        "callback_client": client if given.callback_url else None,
        "code": code,
    }


def identity(given: CaseIn, facts: Facts) -> dict[str, object] | None:
    caller = given.caller
    if not (caller.name or facts.phone or caller.residence or caller.anonymous or given.callback_url):
        return None
    return {
        "name": caller.name or None,
        "phone": facts.phone.written if facts.phone else None,
        "phone_kind": facts.phone.kind if facts.phone else None,
        "residence": caller.residence or None,
        "residence_district": caller.residence_district,
        "callback_url": given.callback_url or None,
        "anonymous": caller.anonymous,
    }
