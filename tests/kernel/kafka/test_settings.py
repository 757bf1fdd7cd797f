"""The URL of a Kafka log: what it may say, and a sentence for what it may not."""

import pytest

from services.kernel.eventlog import LogUnusable
from services.kernel.eventlog_url import open_log
from services.kernel.kafka.settings import REBALANCE, REQUEST, parse

SECRET = "s3cret-4711"


def test_a_plain_url_needs_host_and_topic_only() -> None:
    settings = parse("kafka://broker/cases")
    assert (settings.servers, settings.topic, settings.partitions) == (("broker:9092",), "cases", 12)
    assert settings.security_protocol == "PLAINTEXT"
    assert settings.tls_context() is None


def test_everything_can_be_said_in_the_url() -> None:
    settings = parse(
        f"kafka://yikou:{SECRET}%40x@a:9092,b:9093/cases?partitions=24&ca=/ca.pem&session=6&mechanism=plain"
        "&instance=router-1"
    )
    assert settings.servers == ("a:9092", "b:9093")
    assert (settings.user, settings.password) == ("yikou", f"{SECRET}@x")
    assert (settings.partitions, settings.session, settings.instance) == (24, 6.0, "router-1")
    assert (settings.security_protocol, settings.mechanism) == ("SASL_SSL", "PLAIN")
    assert SECRET not in repr(settings)


def test_the_name_of_a_process_is_used_where_the_url_names_none() -> None:
    assert parse("kafka://a/cases", "router-2").instance == "router-2"
    assert parse("kafka://a/cases?instance=mine", "router-2").instance == "mine"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("kafka://broker:9092", "must look like kafka://host:9092/topic"),
        ("kafka:///cases", "needs every server as host:port"),
        ("kafka://broker:none/cases", "needs every server as host:port"),
        ("kafka://a:9092,/cases", "needs every server as host:port"),
        ("kafka://a/cases/more", "must look like"),
        ("kafka://a/cases?partition=3", "has an unknown parameter partition"),
        ("kafka://a/cases?partitions=none", "partitions must be a number of at least 1"),
        ("kafka://a/cases?partitions=0", "partitions must be a number of at least 1"),
        ("kafka://a/cases?session=nan", "session must be a number"),
        (f"kafka://u:{SECRET}@a/cases?mechanism=GSSAPI", "mechanism must be one of SCRAM-SHA-512"),
        (f"kafka://u:{SECRET}@a/cases?mechanism=PLAIN", "would send the password in the clear"),
        (
            f"kafka://u:{SECRET}@a/cases?password_file=/nowhere/{SECRET}",
            "a password_file that cannot be read",
        ),
        (f"kafka://u:{SECRET}@[a/cases", "cannot be read"),
        (f"redis://u:{SECRET}@a/cases", "must begin with sqlite:/// or kafka://"),
    ],
)
async def test_a_wrong_url_is_one_sentence_without_a_secret(url: str, reason: str) -> None:
    with pytest.raises(LogUnusable, match=reason) as wrong:
        await open_log(url)
    assert SECRET not in str(wrong.value)
    assert "\n" not in str(wrong.value)


def test_a_join_is_never_given_up_before_the_rebalance_ends() -> None:
    assert REQUEST >= REBALANCE + 10
