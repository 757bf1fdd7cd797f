"""The process that tests kill and start again; `yikou bench` measures the same one."""

from services.commands.bench_installation import (
    CITY,
    Node,
    connect,
    free_port,
    install,
    settings_in,
    token,
)

__all__ = ["CITY", "Node", "connect", "free_port", "install", "settings_in", "token"]
