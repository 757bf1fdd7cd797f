"""Static files, by an address that changes with their content so that browsers may keep them for ever."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_FOR_EVER: Final = "public, max-age=31536000, immutable"
_SHORTLY: Final = "public, max-age=60"


class Statics:
    """The files of each folder's static/, under /static/; the first folder that has a name wins."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = [p for p in (folder / "static" for folder in folders) if p.is_dir()]
        self._known: dict[str, str] = {}

    def address(self, name: str) -> str:
        """Such as "/static/style.css?v=3f8a1c02"; LookupError when no service has the file."""
        if name not in self._known:
            self._known[name] = f"/static/{name}?v={hashlib.sha256(self._find(name)).hexdigest()[:8]}"
        return self._known[name]

    def app(self) -> "Files":
        return Files(self.folders)

    def _find(self, name: str) -> bytes:
        for folder in self.folders:
            if (folder / name).is_file():
                return (folder / name).read_bytes()
        raise LookupError(f"no static file {name!r}")


class Files(StaticFiles):
    """Addresses with a fingerprint are kept for ever, others for a minute."""

    def __init__(self, folders: Sequence[Path]) -> None:
        super().__init__(directory=folders[0])
        self.all_directories = list(folders)

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code == 200:
            response.headers["cache-control"] = _FOR_EVER if scope.get("query_string") else _SHORTLY
        return response
