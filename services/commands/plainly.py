"""What cannot be done is one sentence on stderr and an exit code, never a stack trace."""

import sys
from collections.abc import Callable

from services.commands.installation import NotPossible
from services.domain.city import CityError
from services.domain.refusals import Refusal
from services.domain.sealing import KeyringError
from services.kernel.database.errors import StoreUnusable
from services.kernel.environment import SettingsError
from services.kernel.eventlog import LogUnavailable, LogUnusable
from services.kernel.lock import Held
from services.kernel.partners import PartnersError


def plainly(command: Callable[[], object]) -> None:
    """Run a command; SystemExit with 2 for what this installation cannot do, 1 for what was refused."""
    try:
        command()
    except (
        NotPossible, SettingsError, CityError, KeyringError, PartnersError, LogUnusable, LogUnavailable,
        StoreUnusable, Held,
    ) as reason:  # fmt: skip
        print(reason, file=sys.stderr)
        sys.exit(2)
    except Refusal as refusal:
        print(f"{refusal.zh} / {refusal.en}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
