"""`python -m services.commands.healthy`: 0 when the process in this container can work, else 1.

It runs every few seconds in every container, so it imports next to nothing.
"""

import http.client
import os
import sys
from typing import Final

HERE: Final = "127.0.0.1"
EVERYWHERE: Final = ("0.0.0.0", "::")  # noqa: S104 (compared with, not listened on)


def main() -> int:
    host, port = os.environ.get("YIKOU_HOST", HERE), int(os.environ.get("YIKOU_PORT", "8080"))
    try:
        connection = http.client.HTTPConnection(HERE if host in EVERYWHERE else host, port, timeout=4)
        connection.request("GET", "/readyz")
        return 0 if connection.getresponse().status == 200 else 1
    except (OSError, http.client.HTTPException):
        return 1


if __name__ == "__main__":
    sys.exit(main())
