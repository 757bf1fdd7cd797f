"""The notifier, wired."""

from functools import partial

from services.kernel.partner.client import PartnerHttp
from services.kernel.parts import Parts
from services.kernel.service import Service
from services.notifier.cases import CASES, prefetch
from services.notifier.client import ARRIVES_WITHIN, gateway_at
from services.notifier.duty_pages import DutyPages
from services.notifier.handlers import HANDLERS, PRESSING
from services.notifier.models import HISTORY, CallWebhook, SendSms
from services.notifier.pages import NotifierPages
from services.notifier.routes import CallBackApi
from services.notifier.sending import Texts, Webhooks, leave_unreached, phone_instead
from services.notifier.translate import Telling

NAME = "notifier"


def build(parts: Parts) -> Service:
    store, telling = parts.store(NAME, HISTORY), Telling(parts.keyring, parts.city, parts.settings.public_url)
    http, on_duty = PartnerHttp(), DutyPages(store, telling, parts.keyring)
    gateway = gateway_at(parts.settings.sms_url, http)
    around = store.by_its_clock()
    texts = Texts(gateway, parts.keyring, around)
    allow = parts.settings.callback_networks
    webhooks = Webhooks(http, parts.access, parts.keyring, around, allow)
    return Service(
        name=NAME,
        store=store,
        handlers={kind: partial(handler, telling=telling) for kind, handler in HANDLERS.items()},
        prefetch=prefetch,
        presses=lambda record: record.type in PRESSING,
        looks_at=lambda event: (CASES.want(event.case_id),),
        gather=0.05,
        callers={SendSms: texts.send, CallWebhook: webhooks.call},
        asks={SendSms: texts.ask},
        give_ups={SendSms: partial(phone_instead, telling=telling), CallWebhook: leave_unreached},
        routes=(
            CallBackApi(store, telling).router(),
            NotifierPages(store, telling, gateway).router(),
            on_duty.pages(),
            on_duty.api(),
        ),
        closing=(http.close,),
        max_inflight=32,  # one gateway serves every caller
        arrives_within=ARRIVES_WITHIN,
    )
