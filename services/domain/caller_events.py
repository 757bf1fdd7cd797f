"""What the caller is told, said by intake and the notifier."""

from typing import Literal

from services.domain.event import ContactSealed, Event

InformedBy = Literal["sms", "callback", "web", "call"]


class AnswerGiven(Event):
    """An agent answered from the knowledge base. `articles`: the ids of the articles used, best first."""

    text: ContactSealed
    articles: tuple[str, ...] = ()


class CallerInformed(Event):
    """The caller was told, after `attempts` tries."""

    channel: InformedBy
    about: Literal["outcome", "answer", "received"]
    attempts: int = 1


class CallerUnreachable(Event):
    """The timed attempts to tell the caller failed, all `attempts` of them."""

    channel: InformedBy
    attempts: int
