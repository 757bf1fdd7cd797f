"""The wiring of an adapter, once for all three."""

from services.kernel.partner.client import PartnerHttp
from services.kernel.partners import PartnersError
from services.kernel.parts import Parts
from services.kernel.service import Loop, Service
from services.kernel.store import Store
from services.kernel.tasks.beside import Beside, joined, prefetched
from services.kernel.tasks.callbacks import callback_routes
from services.kernel.tasks.collecting import Collector
from services.kernel.tasks.comparing import Comparer
from services.kernel.tasks.comparison import forget
from services.kernel.tasks.comparison_routes import ComparisonDesk
from services.kernel.tasks.desk import Desk
from services.kernel.tasks.document_routes import DocumentApi
from services.kernel.tasks.documents import Cabinet
from services.kernel.tasks.folder import Folder
from services.kernel.tasks.handlers import handlers, looks_at, prefetch, presses
from services.kernel.tasks.news import NewsSender, SendNews, give_up_news
from services.kernel.tasks.officers import Officers
from services.kernel.tasks.pages import TaskPages
from services.kernel.tasks.paper_pages import BODY_LIMITS, PaperPages
from services.kernel.tasks.questions import Questions
from services.kernel.tasks.routes import TaskApi
from services.kernel.tasks.sending import Sender, SendTask, give_up
from services.kernel.tasks.statuses import Statuses
from services.kernel.tasks.steps import forget_messages
from services.kernel.tasks.tables import HISTORY
from services.kernel.tasks.worker_routes import WorkerApi

PRUNE_EVERY, COLLECT_EVERY = 3600.0, 5.0  # seconds
COMPARE_EVERY = 30.0  # seconds between two looks at whether it is a unit's turn
ALONE = Beside()


def task_service(name: str, desk: Desk, parts: Parts, beside: Beside = ALONE) -> Service:
    """The adapter `name` with its desk. PartnersError: a unit has a system but no secret to sign with."""
    _check_secrets(desk, parts)
    store, http = parts.store(name, HISTORY, *beside.histories), PartnerHttp()
    around = store.by_its_clock()
    sender = Sender(http, parts.partners, parts.keyring, around, desk.translate)
    collector = _collector(desk, store, parts)
    officers = Officers(desk, store, parts.keyring, parts.city)
    cabinet = Cabinet(parts.settings.data_dir / "documents" / name, parts.keyring, parts.around)
    comparer = _comparer(desk, store, parts, http, collector.statuses)
    comparison = ComparisonDesk(officers, comparer)
    return Service(
        name=name,
        store=store,
        handlers=joined(handlers(desk.service, parts.partners, beside.opened), beside.handlers),
        callers={SendTask: sender.send, SendNews: NewsSender(sender).send},
        asks={SendTask: sender.ask},
        give_ups={SendTask: give_up, SendNews: give_up_news},
        prefetch=prefetched(prefetch, beside.prefetch),
        presses=lambda record: presses(record, desk.service),
        looks_at=looks_at,
        routes=(
            TaskApi(officers).router(),
            WorkerApi(officers).router(),
            DocumentApi(officers, cabinet).router(),
            callback_routes(desk.service, store, parts.keyring, around, collector.statuses),
            comparison.api(),
            comparison.pages(),
            # Before the steps, whose path would take these names for steps.
            PaperPages(officers, cabinet).router(),
            TaskPages(officers, cabinet).router(),
            *beside.routes(officers),
        ),
        roomy=BODY_LIMITS,
        loops=_loops(store, comparer, collector),
        closing=(http.close,),
    )


def _loops(store: Store, comparer: Comparer, collector: Collector) -> tuple[tuple[float, Loop], ...]:
    always = ((PRUNE_EVERY, lambda: _prune(store)), (COMPARE_EVERY, comparer.round))
    return (*always, (COLLECT_EVERY, collector.collect)) if collector.folders else always


def _collector(desk: Desk, store: Store, parts: Parts) -> Collector:
    """Of the folders by which units of this desk are reached."""
    statuses = {(one.unit, one.status): one for one in parts.city.statuses}
    folders = {
        unit: Folder(partner.folder)
        for unit, partner in parts.partners.by_unit.items()
        if unit.startswith(f"{desk.service}-") and partner.folder is not None
    }
    return Collector(store, parts.keyring, folders, statuses)


def _comparer(desk: Desk, store: Store, parts: Parts, http: PartnerHttp, statuses: Statuses) -> Comparer:
    units = [
        unit
        for unit, partner in sorted(parts.partners.by_unit.items())
        if unit.startswith(f"{desk.service}-") and partner.endpoint
    ]
    questions = Questions(http, parts.partners, parts.keyring, parts.around, statuses)
    return Comparer(desk.service, store, parts.keyring, questions, units, parts.city.hours.zone)


def _check_secrets(desk: Desk, parts: Parts) -> None:
    bare = [
        unit
        for unit, partner in parts.partners.by_unit.items()
        if unit.startswith(f"{desk.service}-")
        and partner.endpoint
        and not parts.keyring.partner_secrets(unit)
    ]
    if bare:
        units = ", ".join(sorted(bare))
        raise PartnersError(
            f"这些单位有接口地址，密钥环里却没有密钥：{units}。/ No secret in the key ring for: {units}."
        )


async def _prune(store: Store) -> None:
    while await store.run(forget_messages) == 500:
        pass
    while await store.run(forget) == 500:
        pass
