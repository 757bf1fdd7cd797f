"""One connection for single requests, and a sentence when there is none.

aiokafka says only "unable to bootstrap"; a wrong password, an unknown authority and a broker that is away
ask for different people, so each server is tried once more and its answer told apart.
"""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiokafka.client import AIOKafkaClient
from aiokafka.conn import create_conn
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)

from services.kernel.eventlog import LogUnavailable, LogUnusable
from services.kernel.kafka.clients import access_of, client
from services.kernel.kafka.settings import KafkaSettings

WITHIN: Final = 10.0  # seconds to connect, and again to find out why not


@asynccontextmanager
async def contact(settings: KafkaSettings) -> AsyncIterator[AIOKafkaClient]:
    """A client that has found the cluster. LogUnusable if only a person can mend it, else LogUnavailable."""
    # It says every failed attempt, dozens per second of an outage, and the reason only in arguments.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    found = client(settings)
    try:
        try:
            async with asyncio.timeout(WITHIN):
                await found.bootstrap()
        except (KafkaError, OSError, TimeoutError):
            raise await _why_not(settings) from None
        try:
            async with asyncio.timeout(WITHIN):
                yield found
        except (KafkaError, OSError, TimeoutError) as error:
            raise away(settings, error) from None
    finally:
        await found.close()


def away(settings: KafkaSettings, error: BaseException, zh: str = "", en: str = "") -> LogUnavailable:
    where, why = ", ".join(settings.servers), type(error).__name__
    return LogUnavailable(
        f"Kafka（{where}）目前连不上（{why}）{zh}。/ Kafka at {where} cannot be reached now ({why}){en}."
    )


async def _why_not(settings: KafkaSettings) -> LogUnavailable | LogUnusable:
    access, answer = access_of(settings), away(settings, TimeoutError())
    for server in access.pop("bootstrap_servers"):  # type: ignore[attr-defined]
        host, _, port = server.rpartition(":")
        try:
            async with asyncio.timeout(WITHIN / 2):
                (await create_conn(host, int(port), **access)).close()
            answer = away(
                settings, ConnectionAbortedError(), "；该端口也许要求用户和口令", "; it may want a user"
            )
        except (ConnectionResetError, KafkaConnectionError) as error:
            answer = away(settings, error, "；请检查 tls 设置", "; is tls set as its port wants it?")
        except (KafkaError, OSError, TimeoutError) as error:
            if (refusal := _refusal(error, server, settings)) is not None:
                return refusal
            answer = away(settings, error)
    return answer


def _refusal(error: Exception, server: str, settings: KafkaSettings) -> LogUnusable | None:
    """What waiting cannot mend."""
    if isinstance(error, SaslAuthenticationFailed):
        zh, en = "拒绝了地址中的用户或口令", "refused the user or the password"
    elif isinstance(error, UnsupportedSaslMechanismError):
        how = settings.mechanism
        zh, en = f"不支持 {how}，请检查 mechanism", f"does not know {how}: check mechanism"
    elif isinstance(error, ssl.SSLCertVerificationError):
        zh = "的证书不受信任，请用 ca 指定其签发机构的证书"
        en = "has a certificate that is not trusted: name its authority's in ca"
    elif isinstance(error, ssl.SSLError):
        zh, en = "未能建立 TLS 连接", "would not agree on TLS, or refused our certificate"
    else:
        return None
    return LogUnusable(f"Kafka（{server}）{zh}。/ Kafka at {server} {en}.")
