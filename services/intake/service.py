"""Wiring: the one place where intake's parts meet."""

from functools import partial

from services.domain.events import TaskProgressed
from services.intake import idempotency, traces
from services.intake.action_routes import ActionApi
from services.intake.callback_pages import CallbackPages
from services.intake.case_pages import CasePages
from services.intake.desk import Desk
from services.intake.handback import hand_back
from services.intake.handlers import HANDLERS
from services.intake.hints import Hints
from services.intake.models import HISTORY
from services.intake.pages import DeskPages
from services.intake.public_pages import PublicPages
from services.intake.routes import CaseApi
from services.intake.scribe import Scribe
from services.intake.standing import prefetch
from services.intake.traces import Traces
from services.intake.voicemail_pages import VoicemailPages
from services.kernel.parts import Parts
from services.kernel.service import Service
from services.kernel.store import Store

PRUNE_EVERY = 600.0  # seconds


def build(parts: Parts) -> Service:
    store = parts.store("intake", HISTORY)
    desk = Desk(store, Scribe(parts.city, parts.keyring, parts.around))
    hints = Hints(desk)
    return Service(
        name="intake",
        store=store,
        handlers={**HANDLERS, TaskProgressed: partial(hand_back, scribe=desk.scribe)},
        prefetch=prefetch,
        gather=0.05,  # a timeline may be a moment late; each batch is one transaction
        routes=(
            CaseApi(desk).router(),
            ActionApi(desk).router(),
            hints.router(),
            DeskPages(desk).router(),
            hints.pages(),
            CallbackPages(desk).router(),
            VoicemailPages(desk).router(),
            VoicemailPages(desk).api(),
            CasePages(desk).router(),
            PublicPages(desk).router(),
        ),
        loops=(
            (PRUNE_EVERY, partial(forget_old_keys, store)),
            (traces.EVERY, Traces(store, desk.scribe.texts).round),
        ),
    )


async def forget_old_keys(store: Store) -> None:
    while await store.run(idempotency.prune):
        pass
