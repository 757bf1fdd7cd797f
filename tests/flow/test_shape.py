"""The architecture as a test: the tree keeps every rule, and every rule can fail."""

import os
import subprocess
from functools import cache, partial
from pathlib import Path

import pytest

from tests.flow.architecture import (
    Breach,
    Module,
    Rule,
    budgets,
    commits,
    import_directions,
    outside_libraries,
    registry_last,
    standard_files,
    telling_names,
)
from tests.flow.purity import no_any_in_public, no_outside_world, no_patched_insides

ROOT = Path(__file__).resolve().parents[2]

# What a service has beyond the standard files: nouns of its domain, named here when they are added.
NOUNS = {
    "intake": frozenset(
        {"action_routes", "actions", "alarms", "assembly", "author", "callback_pages", "callbacks", "calls",
         "case_pages", "check", "citizen", "clusters", "codes", "correction", "counting", "creation",
         "desk", "erasure", "facts", "findings", "forms", "halfway", "handback", "hints", "idempotency",
         "limiting", "linked", "membership", "merging", "ownership", "parts", "preview", "public_pages",
         "queries", "reading", "record", "same_call", "schemas", "scribe", "seen", "sight", "similar",
         "splitting", "standing", "timeline", "traces", "tracking", "triage", "views", "voicemail",
         "voicemail_pages", "words"}
    ),
    "router": frozenset(
        {"alert_desk", "alert_pages", "alerts", "clock_changes", "clock_desk", "clock_pages", "clock_routes",
         "clock_schemas", "clock_views", "clocks", "counting", "escalating", "objections", "on_call",
         "periods", "recount", "signals",
         "board", "book", "cases", "closures", "comparison", "decisions", "drafts", "dry_runs",
         "edition_routes", "edition_views", "editions", "explanation", "handover", "office", "past_cases",
         "queue", "rule_board", "rule_pages", "trier", "tries", "unit_form", "unit_pages", "unit_routes",
         "unit_views", "workloads"}
    ),
    "employment_adapter": frozenset(
        {"cards", "entries", "feeds", "ical", "occupations", "papers", "planning", "rounds",
         "standing", "steps", "vacancies", "vacancy_list", "visiting", "visits", "wishes"}
    ),
    "notifier": frozenset({"callbacks", "cases", "duty", "duty_pages", "extensions", "queue", "sending"}),
}  # fmt: skip

RULES: dict[str, Rule] = {
    "imports go one way": import_directions,
    "libraries stay in their file": outside_libraries,
    "commits stay in the store": commits,
    "files and functions are small": budgets,
    "names say what is inside": telling_names,
    "handlers end with their registry": registry_last,
    "services have the same files": partial(standard_files, nouns=NOUNS),
    "clock and chance are arguments": no_outside_world,
    "public signatures are typed": no_any_in_public,
    "nobody patches insides": no_patched_insides,
}
LONG = "def f():\n" + "    x = 1\n" * 40

BAD: list[tuple[str, str, str]] = [
    ("imports go one way", "services/domain/city.py", "from services.kernel.store import Store"),
    ("imports go one way", "services/kernel/store.py", "import services.intake.models"),
    ("imports go one way", "services/intake/handlers.py", "from services.router import rules"),
    ("imports go one way", "services/intake/handlers.py", "from ..router.rules import choose"),
    ("imports go one way", "services/simulators/sms.py", "from services.kernel.store import Store"),
    ("libraries stay in their file", "services/router/rules.py", "import httpx"),
    ("libraries stay in their file", "services/kernel/relay.py", "from aiokafka import AIOKafkaProducer"),
    ("libraries stay in their file", "services/kernel/eventlog_kafka.py", "import aiokafka"),
    ("libraries stay in their file", "services/kernel/relay.py", "from unittest.mock import Mock"),
    ("commits stay in the store", "services/intake/routes.py", "session.commit()"),
    ("commits stay in the store", "services/kernel/outbox.py", "connection.execute('COMMIT;')"),
    ("commits stay in the store", "services/kernel/kafka/follower.py", "consumer.commit()"),
    ("commits stay in the store", "services/kernel/store.py", "session.commit()"),
    ("libraries stay in their file", "services/kernel/store.py", "import asyncpg"),
    ("files and functions are small", "services/intake/routes.py", "x = 1\n" * 201),
    ("files and functions are small", "tests/intake/test_routes.py", LONG),
    ("names say what is inside", "services/kernel/utils.py", ""),
    ("names say what is inside", "tests/helpers/clock.py", ""),
    ("handlers end with their registry", "services/intake/handlers.py", "HANDLERS = {}\ndef late(): ..."),
    ("handlers end with their registry", "services/intake/handlers.py", "HANDLERS = dict(a=1)"),
    ("handlers end with their registry", "services/intake/handlers.py", ""),
    ("handlers end with their registry", "services/intake/handlers.py", "def handlers(): return made()"),
    ("handlers end with their registry", "services/intake/handlers.py", "OTHERS = {}"),
    ("services have the same files", "services/notifier/sender.py", ""),
    ("services have the same files", "services/notifier/gateways/kannel.py", ""),
    (
        "clock and chance are arguments",
        "services/intake/rules.py",
        "import datetime\ndatetime.datetime.now()",
    ),
    ("clock and chance are arguments", "services/intake/rules.py", "datetime.now(UTC)"),
    ("clock and chance are arguments", "services/intake/rules.py", "from time import time"),
    ("clock and chance are arguments", "services/intake/rules.py", "from uuid import uuid4"),
    ("clock and chance are arguments", "services/intake/rules.py", "import random\nrandom.choice([1])"),
    ("clock and chance are arguments", "services/kernel/store.py", "import random\nrandom.Random()"),
    ("clock and chance are arguments", "services/router/rules.py", "import secrets\nsecrets.token_hex()"),
    ("clock and chance are arguments", "services/kernel/store.py", "import os\nnonce = os.urandom"),
    (
        "public signatures are typed",
        "services/kernel/web.py",
        "def answer(body: dict[str, Any]) -> None: ...",
    ),
    ("public signatures are typed", "services/kernel/web.py", "async def answer() -> typing.Any: ..."),
    (
        "nobody patches insides",
        "tests/kernel/test_web.py",
        "def test(monkeypatch): monkeypatch.setattr(a, 'b', 1)",
    ),
    ("nobody patches insides", "tests/kernel/test_web.py", "from unittest.mock import patch"),
]
GOOD = [
    ("services/kernel/web.py", "import random\nimport time\n\nfrom services.domain.city import City\n\n"
     "def start(chance: random.Random) -> float:\n    chance.choice([1])\n    return time.monotonic()\n"),
    ("services/domain/identifiers.py", "import random\n\n\ndef draw(random: random.Random) -> int:\n"
     "    return random.randrange(9)\n"),
    ("services/inspection_adapter/client.py", "import httpx\n"),
    ("services/kernel/kafka/offsets.py", "import aiokafka\n"),
    ("services/inspection_adapter/handlers.py", "HANDLERS: dict[str, str] = {'a': 'b'}\n"),
    ("services/notifier/handlers.py", "def handlers(a: str) -> dict[str, str]:\n    return {a: a}\n"),
    ("services/commands/feed.py", "import httpx\nfrom services.intake.models import Case\n"),
    ("services/simulators/sms.py", "from services.kernel.webhooks import sign\n"),
]  # fmt: skip


@cache
def modules() -> list[Module]:
    found = [path for top in ("services", "tests", "tools") for path in sorted((ROOT / top).rglob("*.py"))]
    return [Module.read(ROOT, path) for path in found]


@pytest.mark.parametrize("name", RULES)
def test_the_tree_keeps_the_rule(name: str) -> None:
    breaches: list[Breach] = [breach for module in modules() for breach in RULES[name](module)]
    assert not breaches, "\n".join(map(str, breaches))


@pytest.mark.parametrize(("name", "path", "source"), BAD)
def test_the_rule_finds_a_bad_example(name: str, path: str, source: str) -> None:
    assert list(RULES[name](Module.parse(path, source)))


@pytest.mark.parametrize(("path", "source"), GOOD)
def test_no_rule_minds_a_good_example(path: str, source: str) -> None:
    assert [breach for rule in RULES.values() for breach in rule(Module.parse(path, source))] == []


# Spelt in halves, so that this file does not name one either.
REGISTRIES = tuple(
    ".".join(halves)
    for halves in [
        ("pypi", "org"), ("pythonhosted", "org"), ("pypi.tuna.tsinghua", "edu"), ("mirrors.aliyun", "com"),
        ("npmjs", "org"), ("npmmirror", "com"), ("yarnpkg", "com"), ("repo1.maven", "org"),
        ("proxy.golang", "org"),
    ]
)  # fmt: skip


def registry_hosts(text: str) -> list[str]:
    return [host for host in REGISTRIES if host in text]


def project_files() -> list[Path]:
    """Tracked files and those about to be; outside a git checkout everything that is not hidden."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
    )  # fmt: skip
    if listed.returncode == 0:
        return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]
    return [
        p
        for p in ROOT.rglob("*")
        if p.is_file() and not any(s.startswith(".") for s in p.relative_to(ROOT).parts)
    ]


def test_no_file_names_a_package_registry() -> None:
    named = {
        path: hosts for path in project_files() if (hosts := registry_hosts(path.read_text(errors="replace")))
    }
    assert named == {}


def test_a_registry_in_a_lock_file_would_be_found() -> None:
    assert registry_hosts(f"--index-url https://{REGISTRIES[0]}/simple")


def test_the_makefile_has_at_most_a_dozen_targets_each_with_its_help() -> None:
    lines = (ROOT / "Makefile").read_text().splitlines()
    targets = {word for line in lines if line.startswith(".PHONY:") for word in line.split()[1:]}
    helped = {line.split(":")[0] for line in lines if " ## " in line and not line.startswith("\t")}
    assert targets == helped
    assert len(targets) <= 12
