"""What every service is built from, made once at the start and handed on by hand."""

from dataclasses import dataclass

from services.domain.city import City
from services.domain.sealing import Keyring
from services.kernel.database.schema import History
from services.kernel.identity import Access
from services.kernel.partners import Partners
from services.kernel.service import KERNEL
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

    def store(self, service: str, *histories: History) -> Store:
        """The service's own database, with the kernel's tables and its own."""
        return Store(self.settings.store_url(service), service, (KERNEL, *histories), self.around)
