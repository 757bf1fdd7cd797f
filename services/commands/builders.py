"""The services there are, by name. A process loads only those that it serves: each costs 4 MB and 0.1 s."""

from collections.abc import Callable, Mapping
from typing import Final

from services.kernel.parts import Parts
from services.kernel.service import Service


def _intake(parts: Parts) -> Service:
    from services.intake.service import build

    return build(parts)


def _router(parts: Parts) -> Service:
    from services.router.service import build

    return build(parts)


def _inspection_adapter(parts: Parts) -> Service:
    from services.inspection_adapter.service import build

    return build(parts)


def _employment_adapter(parts: Parts) -> Service:
    from services.employment_adapter.service import build

    return build(parts)


def _helpdesk_adapter(parts: Parts) -> Service:
    from services.helpdesk_adapter.service import build

    return build(parts)


def _notifier(parts: Parts) -> Service:
    from services.notifier.service import build

    return build(parts)


BUILDERS: Final[Mapping[str, Callable[[Parts], Service]]] = {
    "intake": _intake,
    "router": _router,
    "inspection_adapter": _inspection_adapter,
    "employment_adapter": _employment_adapter,
    "helpdesk_adapter": _helpdesk_adapter,
    "notifier": _notifier,
}
