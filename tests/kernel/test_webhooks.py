"""Signed call-backs: the right one gives its message id, everything else is Unverified."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from services.kernel.tokens import callback_secret
from services.kernel.webhooks import Unverified, sign, verify

KEY, OTHER = ("whsec_" + base64.b64encode(text * 4).decode() for text in (b"0123abcd", b"4567efgh"))
NOW = datetime(2026, 9, 30, 15, 0, 7, 654321, tzinfo=UTC)
BODY = '{"type": "task.accepted", "note": "已受理"}'.encode()
Headers = dict[str, str]


def test_what_was_signed_gives_its_message_id() -> None:
    assert verify([KEY], sign(KEY, "msg_1", NOW, BODY), BODY, NOW) == "msg_1"


def test_the_reference_library_takes_our_signature_and_we_take_its() -> None:
    now = datetime.now(UTC)
    Webhook(KEY).verify(BODY, sign(KEY, "msg_1", now, BODY))
    theirs = {
        "Webhook-Id": "msg_2",
        "Webhook-Timestamp": str(int(now.timestamp())),
        "Webhook-Signature": Webhook(KEY).sign("msg_2", now, BODY.decode()),
    }
    assert verify([KEY], theirs, BODY, now) == "msg_2"


def test_while_a_key_rotates_either_side_may_be_first() -> None:
    both = sign([OTHER, KEY], "msg_1", NOW, BODY)
    assert len(both["webhook-signature"].split()) == 2
    assert verify([KEY], both, BODY, NOW) == "msg_1"
    assert verify([OTHER], both, BODY, NOW) == "msg_1"
    assert verify([OTHER, KEY], sign(KEY, "msg_1", NOW, BODY), BODY, NOW) == "msg_1"


def test_a_replay_returns_the_same_id_which_the_receiver_keeps() -> None:
    headers = sign(KEY, "msg_1", NOW, BODY)
    assert verify([KEY], headers, BODY, NOW) == verify([KEY], headers, BODY, NOW + timedelta(minutes=4))


def test_another_zones_clock_says_the_same_moment() -> None:
    from zoneinfo import ZoneInfo

    there = NOW.astimezone(ZoneInfo("Asia/Shanghai"))
    assert sign(KEY, "m", there, BODY) == sign(KEY, "m", NOW, BODY)


@pytest.mark.parametrize("minutes", [-6, 6, 60 * 24 * 365])
def test_an_old_or_early_one_is_refused(minutes: int) -> None:
    headers = sign(KEY, "msg_1", NOW, BODY)
    with pytest.raises(Unverified, match="time_out_of_range"):
        verify([KEY], headers, BODY, NOW + timedelta(minutes=minutes))


def change(name: str, value: str | None) -> Callable[[Headers], Headers]:
    def changed(headers: Headers) -> Headers:
        rest = {key: old for key, old in headers.items() if key != name}
        return rest if value is None else rest | {name: value}

    return changed


SIGNATURES = [
    "",
    "v1",
    "v1,",
    "v1,%%%",
    "v1,a",
    "v2,abc",
    ",",
    "v1,é密",
    "v1,QUJD " * 500,
    "\x00",
    "v1,QUJD,QUJD",
]
TIMES = ["", "soon", "nan", "inf", "-1", "1e9", "99999999999999999999", "１７", "1790780407.5", " 1790780407"]
IDS = ["", " ", "a b", "é", "x" * 201, "a\nb"]


@pytest.mark.parametrize(
    "wrong",
    [change(name, None) for name in ("webhook-id", "webhook-timestamp", "webhook-signature")]
    + [change("webhook-signature", value) for value in SIGNATURES]
    + [change("webhook-timestamp", value) for value in TIMES]
    + [change("webhook-id", value) for value in IDS]
    + [change("webhook-id", "msg_2"), lambda headers: {}],
)
def test_malformed_headers_are_unverified_and_nothing_else(wrong: Callable[[Headers], Headers]) -> None:
    with pytest.raises(Unverified):
        verify([KEY], wrong(sign(KEY, "msg_1", NOW, BODY)), BODY, NOW)


@pytest.mark.parametrize("body", [b"", BODY + b" ", b"\xff\xfe", BODY[:-1]])
def test_another_body_is_refused(body: bytes) -> None:
    with pytest.raises(Unverified):
        verify([KEY], sign(KEY, "msg_1", NOW, BODY), body, NOW)


@pytest.mark.parametrize("secrets", [[OTHER], []])
def test_another_key_or_none_is_refused(secrets: list[str]) -> None:
    with pytest.raises(Unverified, match="no_matching_signature"):
        verify(secrets, sign(KEY, "msg_1", NOW, BODY), BODY, NOW)


@pytest.mark.parametrize("secret", ["whsec_", "whsec_A", "", "whsec_é"])
def test_a_secret_of_ours_that_is_malformed_is_told_to_us(secret: str) -> None:
    with pytest.raises(ValueError, match="webhook secret"):
        sign(secret, "msg_1", NOW, BODY)


@pytest.mark.parametrize("message_id", ["", "a b", "编号", "x" * 201])
def test_a_malformed_message_id_is_not_signed(message_id: str) -> None:
    with pytest.raises(ValueError, match="webhook id"):
        sign(KEY, message_id, NOW, BODY)


def test_a_client_derives_its_secret_from_its_token() -> None:
    secret = callback_secret("yk_example")
    assert secret == callback_secret("yk_example") != callback_secret("yk_other")
    assert verify([secret], sign(secret, "msg_1", NOW, BODY), BODY, NOW) == "msg_1"
