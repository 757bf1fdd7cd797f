"""How to reach the units that have a system of their own: partners.json of the installation.

{"<unit id>": {"endpoint": "https://…", "allow": ["10.20.0.0/16"]}, "<unit id>": {"folder": "/srv/units/…"}}

A unit that is not in the file works on our worklist page. Addresses are public https unless `allow` names the
networks that the endpoint may lie in. Secrets are not here: they stand in the key ring.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, RootModel, ValidationError, model_validator

Network = IPv4Network | IPv6Network


class PartnersError(ValueError):
    """partners.json cannot be used; one line for each wrong entry, in Chinese and English."""


@dataclass(frozen=True, slots=True)
class Partner:
    """`endpoint`: base address of the unit's system, without a final slash; `folder`: shared with it instead.
    Neither: it uses the worklist.
    """

    endpoint: str | None = None
    allow: tuple[str, ...] = ()
    folder: Path | None = None

    @property
    def via(self) -> Literal["http", "file", "worklist"]:
        """How its tasks reach it."""
        if self.folder is not None:
            return "file"
        return "worklist" if self.endpoint is None else "http"


WORKLIST: Final = Partner()


@dataclass(frozen=True)
class Partners:
    """Every unit that has a system of its own, by unit id."""

    by_unit: Mapping[str, Partner] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> "Partners":
        """From the file; without one every unit works on the worklist. Raises PartnersError."""
        try:
            text = path.read_text("utf-8")
        except FileNotFoundError:
            return cls()
        except (OSError, UnicodeDecodeError) as error:
            why = type(error).__name__
            raise PartnersError(f"{path} 无法读取（{why}）。/ {path} cannot be read ({why}).") from None
        try:
            entries = _File.model_validate_json(text).root
        except ValidationError as error:
            raise PartnersError("\n".join(_lines(path, error))) from None
        return cls(
            {
                unit: Partner(entry.endpoint, tuple(str(network) for network in entry.allow), entry.folder)
                for unit, entry in entries.items()
            }
        )

    def of(self, unit: str) -> Partner:
        """How to reach the unit; WORKLIST for one that has no system of its own."""
        return self.by_unit.get(unit, WORKLIST)


def _endpoint(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("地址应以 https:// 或 http:// 开头 / must begin with https:// or http://")
    if parts.username is not None or parts.password is not None:
        raise ValueError("地址里不能有用户名和密码 / must not hold a user name or password")
    if parts.query or parts.fragment:
        raise ValueError("地址里不能有 ? 和 # / must not hold ? or #")
    return value.rstrip("/")


def _folder(value: Path) -> Path:
    if not value.is_absolute():
        raise ValueError("目录须写绝对路径 / must be an absolute path")
    return value


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    endpoint: Annotated[str, AfterValidator(_endpoint)] | None = None
    allow: tuple[Network, ...] = ()
    folder: Annotated[Path, AfterValidator(_folder)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "_Entry":
        if (self.endpoint is None) == (self.folder is None):
            raise ValueError("endpoint 与 folder 须写且只写一个 / give one of endpoint and folder")
        return self

    @model_validator(mode="after")
    def _plain_only_inside(self) -> "_Entry":
        if self.endpoint and self.endpoint.startswith("http:") and not self.allow:
            raise ValueError("http:// 须在 allow 中写明网段 / http:// needs the networks in allow")
        return self


class _File(RootModel[dict[str, _Entry]]):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


def _lines(path: Path, error: ValidationError) -> list[str]:
    return [
        f"{path}: {'.'.join(map(str, one['loc'])) or '-'}: {one['msg'].removeprefix('Value error, ')}"
        for one in error.errors(include_input=False, include_context=False, include_url=False)
    ]
