"""The tracking code (查询码): six digits that open the citizen's view of a case, together with its number.

It is derived from the number with a key of the identity ring and stored nowhere, so a copy of the database
gives no code away. After a rotation the code is another one; codes given before still open.
"""

import hmac
from typing import Final

from services.domain.sealing import Keyring

_PURPOSE: Final = "tracking code of "


def tracking_code(number: str, keyring: Keyring) -> str:
    """The code of the case `number` (canonical form)."""
    return _digits(keyring.blind_index(_PURPOSE + number))


def is_code_of(number: str, code: str, keyring: Keyring) -> bool:
    """Whether `code` opens the case `number`, under any key; takes as long for one that does not exist."""
    right = [_digits(index) for index in keyring.blind_indexes(_PURPOSE + number)]
    return sum(hmac.compare_digest(code.encode(), one.encode()) for one in right) > 0


def _digits(index: str) -> str:
    return f"{int(index[:16], 16) % 10**6:06}"
