"""What the caller is told, said by intake and the notifier."""

from typing import Final, Literal

from services.domain.event import ContactSealed, Event

NO_RESULT: Final = frozenset({"received", "extension"})
"""What a caller is told on the way: hearing it ends nothing."""

InformedBy = Literal["sms", "callback", "web", "call"]


class AnswerGiven(Event):
    """An agent answered from the knowledge base. `articles`: the ids of the articles used, best first."""

    text: ContactSealed
    articles: tuple[str, ...] = ()


class CallerInformed(Event):
    """The caller was told, after `attempts` tries. Only the outcome and the answer are the result."""

    channel: InformedBy
    about: Literal["outcome", "answer", "received", "extension"]
    attempts: int = 1


class CallerUnreachable(Event):
    """The timed attempts to tell the caller failed, all `attempts` of them."""

    channel: InformedBy
    attempts: int
