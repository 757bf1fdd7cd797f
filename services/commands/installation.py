"""One installation on this machine: its settings, keys, city, people, and the services built from them."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.commands.builders import BUILDERS
from services.domain.city import City
from services.domain.sealing import Keyring
from services.kernel.access_store import AccessStore
from services.kernel.eventlog import EventLog
from services.kernel.eventlog_url import open_log
from services.kernel.identity import Access
from services.kernel.partners import Partners
from services.kernel.parts import Parts
from services.kernel.service import Service
from services.kernel.settings import Settings
from services.kernel.surroundings import Surroundings, real

NOT_FOR: Final[Mapping[str, tuple[str, ...]]] = {
    "router": ("contact", "identity"),
    "inspection_adapter": ("identity",),
    "employment_adapter": ("identity",),
    "helpdesk_adapter": ("identity",),
    "notifier": ("task", "identity"),
}
"""Audiences whose sealed fields a service may not open."""


class NotPossible(Exception):
    """The command cannot do what was asked; the message says why, in Chinese and English."""


@dataclass(frozen=True)
class Installation:
    settings: Settings
    around: Surroundings
    keyring: Keyring
    city: City
    partners: Partners
    access: Access
    access_store: AccessStore

    def services(self, names: Iterable[str]) -> list[Service]:
        """Build the named services, each with no more keys than it needs."""
        return [self._build(name, self.partners) for name in names]

    def every(self, here: Iterable[Service]) -> list[Service]:
        """All services of the installation: those served `here`, the others built but never started.

        The others only say what they offer, so that each process can describe the whole interface.
        """
        built = {service.name: service for service in here}
        return [built.get(name) or self._build(name, Partners()) for name in BUILDERS]

    def _build(self, name: str, partners: Partners) -> Service:
        ring = self.keyring.without(*NOT_FOR.get(name, ()))
        return BUILDERS[name](Parts(self.settings, self.around, ring, self.city, partners, self.access))

    async def log(self) -> EventLog:
        """The event log, started. Raises LogUnusable."""
        return await open_log(self.settings.log_url, self.settings.instance or None)


def open_installation(settings: Settings) -> Installation:
    """Read everything that stands in files. Raises KeyringError, CityError, PartnersError, ready to print."""
    around = real()
    access_store = AccessStore(settings.store_url("access"))
    return Installation(
        settings=settings,
        around=around,
        keyring=keyring_of(settings),
        city=City.load(settings.city, settings.calendar),
        partners=Partners.load(settings.partners),
        access=Access(access_store, around, secure=settings.cookie_secure),
        access_store=access_store,
    )


def keyring_of(settings: Settings) -> Keyring:
    """The installation's key ring; on one machine it is made at the first start.

    NotPossible: several processes share a database, and one that made keys of its own could open nothing.
    """
    if not settings.keyring.exists():
        if not settings.store_url_pattern.startswith("sqlite:"):
            where = settings.keyring
            raise NotPossible(
                f"没有密钥环 {where}，各进程须用同一个：请先运行 yikou secrets create。"
                f"/ There is no key ring {where}, which all processes share: run yikou secrets create first."
            )
        create_keyring(settings.keyring)
    return Keyring.load(settings.keyring)


def create_keyring(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Keyring.create(secrets.token_bytes).dump(path)


def chosen(names: Iterable[str]) -> list[str]:
    """The services that `serve NAME… | all` means. NotPossible for an unknown name."""
    wanted = list(names)
    if not wanted or wanted == ["all"]:
        return list(BUILDERS)
    if unknown := [name for name in wanted if name not in BUILDERS]:
        known = "、".join(BUILDERS)
        raise NotPossible(f"没有这个服务：{unknown[0]}。可选：{known}。/ Unknown service {unknown[0]}.")
    return wanted
