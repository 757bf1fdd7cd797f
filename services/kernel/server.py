"""The server in front of the application: where it listens, and which proxies it believes."""

import uvicorn
from fastapi import FastAPI

from services.kernel.settings import Settings


def server(app: FastAPI, settings: Settings) -> uvicorn.Server:
    """A uvicorn server on the settings' address; our own log instead of its access log."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            ws="none",
            # Longer than a proxy keeps an idle connection: a request on one that we just closed would fail.
            timeout_keep_alive=20,
            timeout_graceful_shutdown=10,
            proxy_headers=True,
            forwarded_allow_ips=[str(network) for network in settings.proxy_networks],
        )
    )
