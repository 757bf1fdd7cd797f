"""What every service is built from, made once at the start and handed on by hand."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import SQLModel

from services.domain.city import City
from services.domain.sealing import Keyring
from services.kernel.identity import Access
from services.kernel.partners import Partners
from services.kernel.service import KERNEL_TABLES
from services.kernel.settings import Settings
from services.kernel.store import Store
from services.kernel.surroundings import Surroundings


@dataclass(frozen=True)
class Parts:
    """`keyring` opens only what the service may see; `access` knows people and machine clients."""

    settings: Settings
    around: Surroundings
    keyring: Keyring
    city: City
    partners: Partners
    access: Access

    def store(self, service: str, tables: Sequence[type[SQLModel]] = ()) -> Store:
        """The service's own database, with the kernel's tables and its own."""
        return Store(self.settings.store_url(service), service, (*KERNEL_TABLES, *tables), self.around)
