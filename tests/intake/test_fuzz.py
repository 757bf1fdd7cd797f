"""Thousands of wrong bodies: each is stored once or refused with a problem, and none is a 500."""

import json
from random import Random
from typing import Any

from tests.intake.hotline import WAGE, Hotline

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 1e308, 10**30, "", " ", "0", "null", "欠薪", "a" * 7000, "\u202e",
    "😀" * 50, "1\n2", "' OR 1=1 --", "<b>", [], [[]], {}, {"": ""}, {"name": {"name": {}}},
    "320115", "999999", "+8613851467290", "025-84567890", "12333", "https://a@b/", "http://[::1",
    "http://x:99999/", "\u0661\u0662",
)  # fmt: skip


def odd_body(chance: Random) -> Any:
    body = json.loads(json.dumps(WAGE)) | {"callback_url": "https://example.org/", "recording_ref": "r-1"}
    for _ in range(chance.randint(1, 3)):
        target = chance.choice([body, body, body.get("caller"), body.get("employer")])
        if not isinstance(target, dict) or not target:
            continue
        name = chance.choice([*target, "residence_district", "work_district", "anonymous", "uscc", "colour"])
        if chance.random() < 0.2:
            target.pop(name, None)
        else:
            target[name] = chance.choice(ODD)
    return body if chance.random() < 0.97 else chance.choice(ODD)


async def test_no_body_is_too_odd(desk: Hotline) -> None:
    chance, stored = Random(12333), 0
    headers = await desk.bearer("machine") | {"content-type": "application/json"}
    for number in range(600):
        raw = json.dumps(odd_body(chance)).encode()
        if chance.random() < 0.1:
            cut = chance.randrange(len(raw))
            raw = raw[:cut] + bytes([chance.randrange(256)]) + raw[cut + 1 :]
        answer = await desk.client.post(
            "/api/cases", content=raw, headers=headers | {"idempotency-key": str(number)}
        )
        assert answer.status_code in (201, 400, 422), raw
        stored += answer.status_code == 201
        if answer.status_code != 201:
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["detail"]
    assert 0 < stored < 600
    assert desk.count("intake_case") == stored == len(desk.outbox("CaseReceived"))
