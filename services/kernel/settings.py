"""The settings of an installation. Every one has a default that suits one machine."""

from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Final, Literal, Self

from pydantic import Field, ValidationInfo, field_validator

from services.domain.refusals import Refusal
from services.kernel.environment import Environment, read

Network = IPv4Network | IPv6Network

_PATTERNS: Final = (
    "calendar", "log_url", "store_url_pattern", "sms_url", "keyring", "partners", "public_url",
)  # fmt: skip


class Settings(Environment):
    """In a value `{data}` and `{port}` stand for YIKOU_DATA_DIR and YIKOU_PORT, `{service}` for a service."""

    port: int = Field(default=8080, ge=0, le=65535)
    host: str = "127.0.0.1"
    data_dir: Path = Path("data")
    city: Path = Path("deploy/cities/nanjing")
    calendar: Path = Path("{data}/calendar")
    log_url: str = Field(default="sqlite:///{data}/log.db", repr=False)
    store_url_pattern: str = Field(
        default="sqlite:///{data}/{service}.db", validation_alias="YIKOU_STORE_URL", repr=False
    )
    sms_url: str = Field(default="file:///{data}/sms", repr=False)
    keyring: Path = Path("{data}/keyring.json")
    partners: Path = Path("{data}/partners.json")
    callback_allow: str = ""
    cookie_secure: bool = False
    public_url: str = "http://127.0.0.1:{port}"
    retention_days: int = Field(default=14, ge=2, le=366)
    trusted_proxies: str = "127.0.0.1, ::1"
    instance: str = ""
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @classmethod
    def read(cls, **given: object) -> Self:
        """From the environment, with `given` fields on top. Raises SettingsError, ready to be printed."""
        return read(cls, **given)

    def store_url(self, service: str) -> str:
        """The SQLAlchemy URL of a service's database."""
        return self.store_url_pattern.replace("{service}", service)

    @property
    def retention(self) -> timedelta:
        """How long published events are kept, in the outboxes and in the topic.

        Longer than a service may be away, and than the age of the back-up that one may have to go back to:
        what the others have said since then is heard from here.
        """
        return timedelta(days=self.retention_days)

    @property
    def callback_networks(self) -> tuple[Network, ...]:
        """Networks that a callback_url may point to besides public https addresses."""
        return _networks(self.callback_allow)

    @property
    def proxy_networks(self) -> tuple[Network, ...]:
        """Where a request must come from for its X-Forwarded-For to be believed."""
        return _networks(self.trusted_proxies)

    @field_validator(*_PATTERNS, mode="before")
    @classmethod
    def _expand(cls, value: object, info: ValidationInfo) -> object:
        data, port = info.data.get("data_dir", "data"), info.data.get("port", 0)
        return str(value).replace("{data}", str(data)).replace("{port}", str(port))

    @field_validator("log_url")
    @classmethod
    def _known_log(cls, value: str) -> str:
        return _with_scheme(value, "sqlite:///", "kafka://")

    @field_validator("store_url_pattern")
    @classmethod
    def _one_store_each(cls, value: str) -> str:
        if "{service}" not in value:
            zh, en = (
                "必须含有 {service}，每个服务各用一个库",
                "must contain {service}: every service has its own store",
            )
            raise Refusal("bad-setting", zh, en)
        if value.startswith("postgresql://"):
            _check_server(value)
        return _with_scheme(value, "sqlite:///", "postgresql://")

    @field_validator("public_url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        return _with_scheme(value, "http://", "https://").rstrip("/")

    @field_validator("callback_allow", "trusted_proxies")
    @classmethod
    def _networks_only(cls, value: str) -> str:
        try:
            _networks(value)
        except ValueError:
            zh, en = (
                "应为用逗号分开的网段，如 10.0.0.0/8",
                "must be networks separated by commas, such as 10.0.0.0/8",
            )
            raise Refusal("bad-setting", zh, en) from None
        return value


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def _check_server(url: str) -> None:
    # Here, so that an installation on one machine never loads asyncpg.
    from services.kernel.database.postgres_link import settings_of

    try:
        settings_of(url)
    except ValueError:
        zh, en = (
            "应形如 postgresql://用户@主机:5432/库_{service}",
            "must look like postgresql://user@host:5432/name_{service}",
        )
        raise Refusal("bad-setting", zh, en) from None


def _with_scheme(value: str, *schemes: str) -> str:
    if not value.startswith(schemes):
        listed = ", ".join(schemes)
        raise Refusal("bad-setting", f"应以 {listed} 之一开头", f"must begin with one of {listed}")
    return value
