"""Where the Kafka is and how to speak to it: everything stands in the URL of the log.

    kafka://[user[:password]@]host[:9092][,host2…]/topic?partitions=12&ca=/etc/ca.pem&instance=router-1

A user means SASL; `tls=true` or one of `ca`, `cert`, `key` (PEM files) means TLS; `cert` and `key` are ours.
The password may stand in a file (`password_file`), or the whole URL (YIKOU_LOG_URL_FILE).
"""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from services.kernel.eventlog import LogUnusable

MECHANISMS: Final = ("SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN")
PORT: Final = 9092
PARTITIONS: Final = 12
REBALANCE: Final = 30.0  # seconds that the other members of a group wait for one that has yet to rejoin
REQUEST: Final = 45.0  # seconds that one request of a consumer may take: joining a group is one request
_PARAMETERS: Final = frozenset({
    "partitions", "tls", "ca", "cert", "key", "mechanism", "password_file", "instance", "session",
})  # fmt: skip


@dataclass(frozen=True)
class KafkaSettings:
    """`partitions`: how many of the topic's we use, the same number in every process, for ever.

    `instance`: a name that this process keeps over restarts and shares with no other (static membership).
    `session`: seconds without a sign of life after which the others take over a member's cases.
    `patience`: seconds for all acknowledgements of one append; a relay gives us 20.
    `hand_over`: seconds that a rebalance waits for the batch in flight.
    `silence`: seconds without a poll of one of our partitions after which a consumer counts as dead.
    """

    servers: tuple[str, ...]
    topic: str
    partitions: int = PARTITIONS
    user: str | None = None
    password: str = field(default="", repr=False)
    mechanism: str = MECHANISMS[0]
    tls: bool = False
    ca: str | None = None
    cert: str | None = None
    key: str | None = field(default=None, repr=False)
    instance: str | None = None
    session: float = 30.0
    patience: float = 15.0
    hand_over: float = 20.0
    silence: float = 30.0

    def __post_init__(self) -> None:
        # A join is answered when the rebalance ends: a shorter request would never see the answer.
        if REQUEST < REBALANCE + 10:
            raise AssertionError("REQUEST must exceed REBALANCE by 10 s")
        if self.hand_over > REBALANCE - 5:
            raise AssertionError("a member must be back before the others stop waiting for it")

    @property
    def security_protocol(self) -> str:
        return f"{'SASL_' if self.user else ''}{'SSL' if self.tls else 'PLAINTEXT'}"

    def tls_context(self) -> ssl.SSLContext | None:
        """Made anew for every client, so that renewed certificates are used. LogUnusable if unreadable."""
        if not self.tls:
            return None
        try:
            context = ssl.create_default_context(cafile=self.ca)
            if self.cert is not None:
                context.load_cert_chain(self.cert, self.key)
        except OSError as error:  # ssl.SSLError is one
            raise LogUnusable(
                f"Kafka 的 TLS 证书文件无法读取（{type(error).__name__}），请检查 ca、cert、key。"
                f"/ The TLS files of Kafka cannot be read ({type(error).__name__}): check ca, cert and key."
            ) from None
        return context


def parse(url: str, instance: str | None = None) -> KafkaSettings:
    """The settings in a kafka:// URL, `instance` where it names none. LogUnusable, without a secret."""
    try:
        parts = urlsplit(url)
        given = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    except ValueError:
        raise _wrong("无法解析", "cannot be read") from None
    if unknown := sorted(given.keys() - _PARAMETERS):
        raise _wrong(f"不认识参数 {unknown[0][:30]}", f"has an unknown parameter {unknown[0][:30]}")
    credentials, _, hosts = parts.netloc.rpartition("@")
    user, _, password = credentials.partition(":")
    topic = unquote(parts.path.strip("/"))
    if parts.scheme != "kafka" or not topic or "/" in topic:
        raise _wrong("应形如 kafka://主机:9092/主题", "must look like kafka://host:9092/topic")
    settings = KafkaSettings(
        servers=tuple(_server(host) for host in hosts.split(",")),
        topic=topic,
        partitions=int(_number(given, "partitions", PARTITIONS, 1)),
        user=unquote(user) or None,
        password=_password(given, unquote(password)),
        mechanism=given.get("mechanism", MECHANISMS[0]).upper(),
        tls=given.get("tls", "").lower() in {"true", "1", "yes"}
        or bool(given.keys() & {"ca", "cert", "key"}),
        ca=given.get("ca"),
        cert=given.get("cert"),
        key=given.get("key"),
        instance=given.get("instance", instance),
        session=_number(given, "session", 30.0, 1),
    )
    if settings.mechanism not in MECHANISMS:
        known = ", ".join(MECHANISMS)
        raise _wrong(f"mechanism 应为 {known} 之一", f"mechanism must be one of {known}")
    if settings.user and settings.mechanism == "PLAIN" and not settings.tls:
        raise _wrong(
            "mechanism=PLAIN 会明文传送口令，须同时启用 tls",
            "mechanism=PLAIN would send the password in the clear: it needs tls",
        )
    return settings


def _server(host: str) -> str:
    name, colon, port = host.strip().rpartition(":")
    name, port = (name, port) if colon else (port, str(PORT))
    if not name or not port.isascii() or not port.isdecimal() or not 0 < int(port) < 65536:
        raise _wrong("主机应写作 主机:端口", "needs every server as host:port")
    return f"{name}:{port}"


def _password(given: dict[str, str], password: str) -> str:
    if "password_file" not in given:
        return password
    try:
        return Path(given["password_file"]).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise _wrong(
            "password_file 所指的文件无法读取", "names a password_file that cannot be read"
        ) from None


def _number(given: dict[str, str], name: str, default: float, least: float) -> float:
    try:
        number = float(given.get(name, default))
    except ValueError:
        number = least - 1
    if not least <= number < 10_000:
        raise _wrong(f"{name} 应为不小于 {least:g} 的数", f"{name} must be a number of at least {least:g}")
    return number


def _wrong(zh: str, en: str) -> LogUnusable:
    return LogUnusable(f"事件日志地址 YIKOU_LOG_URL {zh}。/ The log's URL YIKOU_LOG_URL {en}.")
