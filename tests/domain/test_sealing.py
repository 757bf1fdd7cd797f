"""Sealed texts: who can open them, what changes them, and what becomes of the key file."""

import json
import os
import random
import stat
import time
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.events import NoteAdded
from services.domain.sealing import AUDIENCES, Keyring, KeyringError, Ring, Sealed

CASE = UUID("01980a3c-6d2e-7c41-9b5f-2f4a6c8e0d13")
OTHER = UUID("01980a3c-6d2e-7c41-9b5f-2f4a6c8e0d14")
RECORD = "王建国，13812345678：腊月二十八还没有拿到工资。"
random_bytes = random.Random(12333).randbytes
RINGS = Keyring.create(random_bytes)
SEALED = RINGS.seal("task", CASE, "record", RECORD, random_bytes)


def closed(rings: Keyring, sealed: str = SEALED, case_id: UUID = CASE, field: str = "record") -> str:
    with pytest.raises(Sealed) as refused:
        rings.open(sealed, case_id, field)
    assert "王建国" not in str(refused.value)
    return refused.value.code


@given(st.sampled_from(AUDIENCES), st.text())
def test_what_was_sealed_is_opened_again(audience: str, text: str) -> None:
    sealed = RINGS.seal(audience, CASE, "record", text, random_bytes)
    assert sealed.startswith(f"{audience}.k1.")
    assert RINGS.open(sealed, CASE, "record") == text


def test_half_a_character_from_a_broken_client_is_sealed_and_not_shown_in_an_error() -> None:
    assert RINGS.open(RINGS.seal("task", CASE, "record", "\ud83d", random_bytes), CASE, "record") == "\ud83d"


def test_nothing_readable_is_left_and_no_text_is_sealed_alike_twice() -> None:
    assert "13812345678" not in SEALED
    assert RINGS.seal("task", CASE, "record", RECORD, random_bytes) != SEALED


def test_a_sealed_text_fits_into_an_event() -> None:
    NoteAdded.model_validate({"case_id": CASE, "at": "2026-02-15T15:42:00Z", "note": SEALED})


def test_a_sealed_text_opens_only_for_its_case_and_field() -> None:
    assert closed(RINGS, case_id=OTHER) == "tampered"
    assert closed(RINGS, field="note") == "tampered"


@given(st.integers(0, len(SEALED) - 1), st.characters())
def test_a_sealed_text_with_any_character_changed_stays_closed(place: int, sign: str) -> None:
    if SEALED[place] != sign:
        assert closed(RINGS, SEALED[:place] + sign + SEALED[place + 1 :])


@given(st.text() | st.text().map(lambda text: f"task.k1.{text}"))
def test_text_that_was_never_sealed_stays_closed(text: str) -> None:
    assert closed(RINGS, text) in {"tampered", "no_ring", "unknown_key"}


def test_a_service_without_the_audiences_ring_neither_opens_nor_seals() -> None:
    notifier = RINGS.without("task", "identity")
    assert closed(notifier) == "no_ring"
    with pytest.raises(Sealed, match="no keys here for audience 'task'"):
        notifier.seal("task", CASE, "record", RECORD, random_bytes)
    with pytest.raises(Sealed, match="identity"):
        notifier.blind_index("+8613812345678")


def test_after_a_rotation_the_new_key_seals_and_the_old_one_still_opens() -> None:
    rotated = RINGS.rotate("task", "k2", random_bytes(32))
    fresh = rotated.seal("task", CASE, "record", RECORD, random_bytes)
    assert fresh.startswith("task.k2.")
    assert rotated.open(SEALED, CASE, "record") == rotated.open(fresh, CASE, "record") == RECORD
    assert closed(RINGS, fresh) == "unknown_key"


def test_a_rotation_never_replaces_a_key_that_sealed_something() -> None:
    with pytest.raises(KeyringError, match="already"):
        RINGS.rotate("task", "k1", random_bytes(32))


def test_a_blind_index_finds_a_phone_and_tells_nothing_without_the_key() -> None:
    index = RINGS.blind_index("+8613812345678")
    assert index == RINGS.blind_index("+8613812345678") != RINGS.blind_index("+8613812345679")
    assert len(index) == 64
    assert index != Keyring.create(random_bytes).blind_index("+8613812345678")


def test_a_phone_indexed_before_a_rotation_is_still_found() -> None:
    rotated = RINGS.rotate("identity", "k2", random_bytes(32))
    assert rotated.blind_indexes("x") == (rotated.blind_index("x"), RINGS.blind_index("x"))
    assert rotated.blind_index("x") != RINGS.blind_index("x")


def test_a_partners_newest_secret_comes_first_and_older_ones_stay_valid() -> None:
    rings = RINGS.with_partner_secret("helpdesk-122", "whsec_1").with_partner_secret(
        "helpdesk-122", "whsec_2"
    )
    assert rings.partner_secrets("helpdesk-122") == ("whsec_2", "whsec_1")
    assert rings.partner_secrets("inspection-xuanwu") == ()


def test_a_key_ring_shows_neither_keys_nor_secrets() -> None:
    rings = Keyring({"task": Ring("k1", {"k1": b"s" * 32})}, {"helpdesk-122": ("whsec_1",)})
    assert "sss" not in repr(rings)
    assert "whsec" not in repr(rings)


def test_a_key_ring_is_written_for_its_owner_alone_and_read_back(tmp_path: Path) -> None:
    rings = RINGS.rotate("task", "k2", random_bytes(32)).with_partner_secret("helpdesk-122", "whsec_1")
    path = tmp_path / "new" / "keyring.json"
    rings.dump(path)
    rings.dump(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Keyring.load(path) == rings
    assert [entry.name for entry in path.parent.iterdir()] == ["keyring.json"]


def test_a_service_loads_only_what_it_needs_and_cannot_write_that_back(tmp_path: Path) -> None:
    path = tmp_path / "keyring.json"
    RINGS.with_partner_secret("helpdesk-122", "a").with_partner_secret("inspection-xuanwu", "b").dump(path)
    adapter = Keyring.load(path, audiences=["task"], units=["helpdesk-122"])
    assert set(adapter.rings) == {"task"}
    assert adapter.partners == {"helpdesk-122": ("a",)}
    for part in (adapter, RINGS.without("contact")):
        with pytest.raises(KeyringError, match="lose keys"):
            part.dump(path)
    assert set(Keyring.load(path).rings) == set(AUDIENCES)


SHORT = {"active": "k1", "keys": {"k1": "c2hvcnQ="}}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "Invalid JSON"),
        ("[]", "file: Input should be"),
        ({"audiences": {}, "extra": 1}, "extra: Extra inputs"),
        ({"audiences": {"task": {"active": "k1"}}}, "audiences.task.keys: Field required"),
        (
            {"audiences": {"task": {"active": "k1", "keys": {"k1": "?"}}}},
            "audiences.task.keys.k1: Value error",
        ),
        (
            {"audiences": {"task": SHORT | {"active": "k2"}}},
            "audience 'task': the active key 'k2' is not among",
        ),
        ({"audiences": {"task": SHORT}}, "audience 'task': key 'k1' has 5 bytes instead of 32"),
    ],
)
def test_a_wrong_key_file_says_what_is_wrong_and_where(tmp_path: Path, content: object, reason: str) -> None:
    path = tmp_path / "keyring.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    with pytest.raises(KeyringError) as refused:
        Keyring.load(path)
    assert str(path) in str(refused.value)
    assert reason in str(refused.value)
    assert "c2hvcnQ" not in str(refused.value)


def test_a_key_file_that_is_not_there_or_lacks_an_audience_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyringError, match="cannot be read: FileNotFoundError"):
        Keyring.load(tmp_path / "none.json")
    path = tmp_path / "keyring.json"
    Keyring({}).dump(path)
    with pytest.raises(KeyringError, match="has no audience 'task'"):
        Keyring.load(path, audiences=["task"])


@pytest.mark.parametrize("key_id", ["", "k.1", "a b", "钥"])
def test_a_key_id_that_would_break_the_sealed_form_is_refused(key_id: str) -> None:
    with pytest.raises(KeyringError, match="key id"):
        Ring(key_id, {key_id: bytes(32)})


def test_sealing_five_hundred_bytes_takes_microseconds() -> None:
    def once() -> float:
        start = time.perf_counter()
        for _ in range(500):
            RINGS.seal("task", CASE, "record", "工" * 166, os.urandom)
        return (time.perf_counter() - start) / 500

    assert min(once() for _ in range(20)) < 15e-6
