"""docker-compose.yml says the same as the code, the image and the proxy; `make compose-check` runs it."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from services.cli import app
from services.commands.builders import BUILDERS
from services.kernel.kafka.settings import PARTITIONS
from services.kernel.settings import Settings
from tools.composed.project import OVERRIDE, PORT, USER, addresses

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
FILE: dict[str, Any] = yaml.safe_load(TEXT)
CONTAINERS: dict[str, dict[str, Any]] = FILE["services"]
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()
JOBS = {"migrate", "topic", "secrets"}
OTHERS = {"kafka", "postgres", "proxy"}
OURS = sorted(CONTAINERS.keys() - OTHERS)


def variables() -> set[str]:
    """Every setting's variable."""
    return {
        field.validation_alias if isinstance(field.validation_alias, str) else f"YIKOU_{name.upper()}"
        for name, field in Settings.model_fields.items()
    }


def names(volumes: list[str]) -> list[str]:
    return [volume.split(":")[0] for volume in volumes if not volume.startswith(".")]


def _mounted(container: str, volume: str) -> str:
    """Where the container has it."""
    [place] = [one.split(":")[1] for one in CONTAINERS[container]["volumes"] if one.startswith(f"{volume}:")]
    return str(place)


def test_every_service_has_a_container_that_serves_it() -> None:
    served = {name: container["command"] for name, container in CONTAINERS.items() if name in BUILDERS}
    assert served == {name: ["serve", name] for name in BUILDERS}
    assert CONTAINERS.keys() == BUILDERS.keys() | JOBS | OTHERS
    assert {name for name in BUILDERS if CONTAINERS[name]["deploy"]["replicas"] > 1} == {
        "router",
        "inspection_adapter",
    }


@pytest.mark.parametrize("name", OURS)
def test_every_variable_of_a_container_is_a_setting(name: str) -> None:
    set_there = {variable.removesuffix("_FILE") for variable in CONTAINERS[name]["environment"]}
    assert set_there <= variables()
    assert name == "secrets" or {"YIKOU_LOG_URL", "YIKOU_STORE_URL", "YIKOU_KEYRING"} <= set_there


def test_the_settings_of_a_container_can_be_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for variable, value in CONTAINERS["intake"]["environment"].items():
        monkeypatch.setenv(variable, re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value))
    (tmp_path / "store_url").write_text("postgresql://yikou:x@postgres:5432/yikou_{service}\n")
    monkeypatch.setenv("YIKOU_STORE_URL_FILE", str(tmp_path / "store_url"))
    settings = Settings.read()
    assert settings.store_url("intake").endswith("@postgres:5432/yikou_intake")
    assert settings.log_url == f"kafka://kafka:9092/cases?partitions={PARTITIONS}"
    assert settings.sms_url.removeprefix("file:///") == "/data/sms" == _mounted("notifier", "sms")
    for service in ("inspection", "employment", "helpdesk"):
        assert _mounted(f"{service}_adapter", "documents") == "/data/documents"  # YIKOU_DATA_DIR of the image
    assert [str(network) for network in settings.proxy_networks] == [
        re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", FILE["networks"]["inside"]["ipam"]["config"][0]["subnet"])
    ]


def test_what_may_be_set_is_listed_at_the_top() -> None:
    head = TEXT.split("name: yikou")[0]
    assert set(re.findall(r"\$\{(\w+)", TEXT)) == set(re.findall(r"\b(?:YIKOU_\w+|\w+_IMAGE)\b", head))


@pytest.mark.parametrize("name", [*OURS, "proxy"])
def test_our_containers_may_do_no_more_than_they_need(name: str) -> None:
    container = CONTAINERS[name]
    assert container["read_only"]
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    user = container.get("user") or re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE)[-1]
    assert user in {"101:101", f"{USER}:{USER}"}
    assert "privileged" not in container


@pytest.mark.parametrize("name", sorted(CONTAINERS.keys() - JOBS))
def test_what_runs_on_is_watched_limited_and_started_again(name: str) -> None:
    container = CONTAINERS[name]
    assert container["restart"] == "unless-stopped"
    assert container["logging"]["options"]["max-size"]
    assert {"cpus", "memory"} <= container["deploy"]["resources"]["limits"].keys()
    assert "test" in container.get("healthcheck", {}) or (name in BUILDERS and "\nHEALTHCHECK" in DOCKERFILE)


def test_the_jobs_come_before_the_services_and_only_once() -> None:
    for name in BUILDERS:
        assert set(CONTAINERS[name]["depends_on"]) == {"migrate", "topic"}
    conditions = {one["condition"] for name in BUILDERS for one in CONTAINERS[name]["depends_on"].values()}
    assert conditions == {"service_completed_successfully"}
    assert {CONTAINERS[name]["restart"] for name in JOBS} == {"no"}


def test_the_secrets_are_the_files_that_the_command_writes(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    CliRunner().invoke(app, ["secrets", "create", str(folder)])
    assert {secret["file"] for secret in FILE["secrets"].values()} == {
        f"./secrets/{path.name}" for path in folder.iterdir()
    }
    used = {secret for container in CONTAINERS.values() for secret in container.get("secrets", [])}
    assert used == FILE["secrets"].keys()
    assert "@postgres:5432/" in (folder / "store_url").read_text()


def test_volumes_and_networks_are_declared_and_used() -> None:
    used = {name for one in CONTAINERS.values() for name in names(one.get("volumes", []))}
    assert used == FILE["volumes"].keys()
    assert {net for one in CONTAINERS.values() for net in one.get("networks", [])} == FILE["networks"].keys()


def test_image_proxy_and_file_agree_on_the_port() -> None:
    assert f"YIKOU_PORT={PORT}" in DOCKERFILE
    assert f"EXPOSE {PORT}" in DOCKERFILE
    [published] = [port for container in CONTAINERS.values() for port in container.get("ports", [])]
    assert published.endswith(f":{PORT}")
    assert f"listen {PORT};" in (ROOT / "deploy" / "proxy" / "listen.conf").read_text()
    mounted = {volume.split(":")[0] for volume in CONTAINERS["proxy"]["volumes"]}
    assert mounted == {f"./deploy/proxy/{path.name}" for path in (ROOT / "deploy" / "proxy").iterdir()}


def test_images_have_exact_versions_and_kafkas_is_the_tested_one() -> None:
    defaults = re.findall(r"\$\{\w+IMAGE:-([^}]+)\}|^ARG BASE=(\S+)", TEXT + DOCKERFILE, re.MULTILINE)
    images = {"".join(found) for found in defaults}
    assert len(images) == 5
    assert all(re.search(r":\d+\.\d+(\.\d+)?(-[\w-]+)?$", image) for image in images)
    tested = re.search(r"<kafka.version>([^<]+)<", (ROOT / "deploy" / "kafka" / "pom.xml").read_text())
    assert tested is not None
    assert f"apache/kafka:{tested[1]}" in images


def test_the_image_gets_what_it_copies() -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {
        source
        for line in re.findall(r"^COPY (?!--)(.+)$", DOCKERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    }
    assert copied == let_in
    assert all((ROOT / source).exists() for source in copied)


def test_the_check_covers_every_container_at_an_address_of_its_own() -> None:
    override = yaml.safe_load(OVERRIDE.read_text().replace("!reset ", ""))["services"]
    assert override.keys() == CONTAINERS.keys() | {"router_2"}
    assert {container["network_mode"] for container in override.values()} == {"host"}
    assert addresses().keys() == BUILDERS.keys()
    every = [address for service in addresses().values() for address in service]
    assert len(set(every)) == len(every) == len(BUILDERS) + 1
