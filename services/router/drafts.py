"""Writing the rule book: a draft is begun, edited, and activated or given up; and a unit is changed at once.

Two supervisors may write at the same time. An edit says which revision it was made on, an activation which
edition the draft was made from; whoever comes second is told, and what he typed stays his.
"""

from datetime import datetime

from services.domain.rule_book import RuleBook, Texts
from services.kernel.problem import Problem
from services.kernel.tx import Tx
from services.router import editions
from services.router.editions import EDITIONS, Edition, Stage
from services.router.models import problem


def begin(tx: Tx, by: str, note: str) -> Edition:
    """A draft that says what the newest edition says."""
    number = editions.newest(tx)
    base = EDITIONS.get(tx, number) if number is not None else None
    if base is None:
        raise problem("no-edition")
    return add(tx, base.texts, by, note, base.number)


def add(tx: Tx, texts: Texts, by: str, note: str, base: int | None) -> Edition:
    number = editions.last_number(tx)[0] + 1
    return EDITIONS.add(
        tx,
        Edition(
            number=number, stage=Stage.DRAFT.value, version="", base=base, units=texts.units,
            rules=texts.rules, author=by, note=note, made_at=tx.now, revision=1, edited_by=by,
            edited_at=tx.now, turn=None, activated_by=None, activated_at=None, effective_at=None,
            in_force_at=None,
        ),
    )  # fmt: skip


def edit(tx: Tx, number: int, tag: str, texts: Texts, note: str, by: str) -> Edition:
    """Keep what was typed, right or wrong: only activating asks for a draft without mistakes."""
    draft = _draft(tx, number, tag)
    draft.units, draft.rules, draft.note = texts.units, texts.rules, note
    return _touched(draft, by, tx)


def rebase(tx: Tx, number: int, tag: str, by: str) -> Edition:
    """Make the draft one of the newest edition: what the draft left as it was is taken from there.

    What both have changed stays as the draft has it; whoever rebases has seen the difference.
    """
    draft, newest = _draft(tx, number, tag), editions.newest(tx)
    theirs = EDITIONS.get(tx, newest) if newest is not None else None
    base = EDITIONS.get(tx, draft.base) if draft.base is not None else None
    if theirs is None or base is None:
        raise problem("no-edition")
    if draft.units == base.units:
        draft.units = theirs.units
    if draft.rules == base.rules:
        draft.rules = theirs.rules
    draft.base = theirs.number
    return _touched(draft, by, tx)


def activate(tx: Tx, number: int, tag: str, book: RuleBook, at: datetime | None, by: str) -> Edition:
    """Let the draft apply from `at` on (now, when it is None). `book`: what was checked of this revision."""
    draft = _draft(tx, number, tag)
    if book.problems:
        raise problem("edition-faulty")
    if draft.base != editions.newest(tx):
        raise problem("edition-outdated")
    put_in_order(tx, draft, book.version, at, by)
    return draft


def put_in_order(tx: Tx, draft: Edition, said: str, at: datetime | None, by: str) -> None:
    """Give the edition its turn. Problem `edition-too-early`: one before it would begin later."""
    newest = editions.newest(tx)
    before = EDITIONS.get(tx, newest) if newest is not None else None
    effective = at or tx.now
    if effective < tx.now or (before and before.effective_at and effective < before.effective_at):
        raise problem("edition-too-early")
    draft.version = editions.version_for(tx, said, draft.number)
    draft.stage, draft.turn = Stage.ACTIVE.value, editions.last_number(tx)[1] + 1
    draft.activated_by, draft.activated_at, draft.effective_at = by, tx.now, effective


def withdraw(tx: Tx, number: int, tag: str, by: str) -> Edition:
    """Take back an edition that is scheduled, to be a draft again."""
    edition = _known(tx, number, tag)
    scheduled = edition.effective_at is not None and edition.effective_at > tx.now
    if edition.stage != Stage.ACTIVE or not scheduled or editions.newest(tx) != number:
        raise problem("edition-not-scheduled")
    edition.stage, edition.turn, edition.version = Stage.DRAFT.value, None, ""
    edition.activated_by = edition.activated_at = edition.effective_at = None
    return _touched(edition, by, tx)


def discard(tx: Tx, number: int, tag: str, by: str) -> Edition:
    """Give the draft up; what it said can still be read."""
    draft = _draft(tx, number, tag)
    draft.stage = Stage.DISCARDED.value
    return _touched(draft, by, tx)


def change_at_once(tx: Tx, base: int, texts: Texts, book: RuleBook, note: str, by: str) -> Edition:
    """An edition for one small change (a unit closes, a telephone changes), in force from now on.

    Problem `edition-outdated` when the newest edition is not `base`: somebody was faster.
    """
    if book.problems:
        raise problem("edition-faulty")
    if editions.newest(tx) != base:
        raise problem("edition-outdated")
    edition = add(tx, texts, by, note, base)
    put_in_order(tx, edition, book.version, None, by)
    return edition


def _touched(edition: Edition, by: str, tx: Tx) -> Edition:
    edition.revision, edition.edited_by, edition.edited_at = edition.revision + 1, by, tx.now
    return edition


def _draft(tx: Tx, number: int, tag: str) -> Edition:
    edition = _known(tx, number, tag)
    if edition.stage != Stage.DRAFT:
        raise problem("edition-not-draft")
    return edition


def _known(tx: Tx, number: int, tag: str) -> Edition:
    edition = EDITIONS.get(tx, number)
    if edition is None:
        raise Problem.of("not-found")
    if edition.tag != tag:
        raise problem("edition-changed")
    return edition
