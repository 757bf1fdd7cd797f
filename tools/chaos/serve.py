"""`yikou serve`, with a bug: while the file that CHAOS_BUG names is there, some handlers fail for some cases.

The release that mends it is the file's removal: processes start again all the time.
"""

import dataclasses
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from services.commands.installation import NotPossible
from services.commands.serve import serve
from services.domain.event import Event
from services.kernel.messages import Message
from services.kernel.service import Handler, Service
from services.kernel.settings import Settings
from services.kernel.tx import Tx

ONE_IN: Final = 25
FAILING: Final = frozenset({"CaseReceived", "CaseRouted", "OutcomeReported"})
OF: Final = frozenset({"router", "inspection_adapter", "employment_adapter", "helpdesk_adapter", "notifier"})


def hit(case_id: str) -> bool:
    """Whether the bug meets this case."""
    return int(case_id.replace("-", "")[-6:], 16) % ONE_IN == 0


def with_bug(flag: Path) -> Callable[[Service], Service]:
    """A service whose handlers of some events fail for one case in twenty-five while `flag` exists."""

    def change(service: Service) -> Service:
        if service.name not in OF:
            return service
        handlers = {
            kind: _failing(handler, flag) if kind.__name__ in FAILING else handler
            for kind, handler in service.handlers.items()
        }
        return dataclasses.replace(service, handlers=handlers)

    return change


def _failing(handler: Handler, flag: Path) -> Handler:
    def handle(event: Event, tx: Tx) -> Iterable[Message]:
        if hit(str(event.case_id)) and flag.exists():
            raise ZeroDivisionError
        return handler(event, tx)

    return handle


if __name__ == "__main__":
    try:
        serve(sys.argv[1:], Settings.read(), changed=with_bug(Path(os.environ["CHAOS_BUG"])))
    except NotPossible as reason:
        print(reason, file=sys.stderr)
        sys.exit(2)
