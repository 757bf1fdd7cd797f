"""The health check of a container: an exit code, quickly, whatever the process does."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

COMMAND = [sys.executable, "-m", "services.commands.healthy"]


@contextmanager
def answering(host: str, status: int) -> Iterator[int]:
    class Ready(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/readyz" else 404)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Not on the test's output."""

    with HTTPServer((host, 0), Ready) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def check(host: str, port: int) -> int:
    environment = os.environ | {"YIKOU_HOST": host, "YIKOU_PORT": str(port)}
    return subprocess.run(COMMAND, env=environment, timeout=30).returncode


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_it_says_whether_the_process_is_ready(status: int, code: int) -> None:
    with answering("127.0.0.1", status) as port:
        assert check("0.0.0.0", port) == code  # noqa: S104 (what the image sets)


def test_it_asks_where_the_process_listens() -> None:
    with answering("127.30.12.99", 200) as port:
        assert check("127.30.12.99", port) == 0
        assert check("127.0.0.1", port) == 1


def test_nobody_there_is_not_ready(free_port: int) -> None:
    assert check("127.0.0.1", free_port) == 1
