"""Settings are read once and a wrong one ends the start with its name and the reason."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from services.kernel.environment import SettingsError
from services.kernel.settings import Settings

SECRET = "hunter2-not-to-be-repeated"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("YIKOU_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_the_defaults_suit_one_machine() -> None:
    settings = Settings.read()
    assert (settings.host, settings.port, settings.data_dir) == ("127.0.0.1", 8080, Path("data"))
    assert settings.log_url == "sqlite:///data/log.db"
    assert settings.store_url("intake") == "sqlite:///data/intake.db"
    assert settings.sms_url == "file:///data/sms"
    assert settings.keyring == Path("data/keyring.json")
    assert settings.public_url == "http://127.0.0.1:8080"
    assert settings.callback_networks == ()
    assert settings.proxy_networks == (ip_network("127.0.0.1"), ip_network("::1"))


def test_the_environment_and_the_data_folder_are_put_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIKOU_DATA_DIR", "/srv/yikou")
    monkeypatch.setenv("YIKOU_PORT", "9000")
    monkeypatch.setenv("YIKOU_STORE_URL", "postgresql://yikou@db/yikou_{service}")
    monkeypatch.setenv("YIKOU_CALLBACK_ALLOW", "10.0.0.0/8, 127.0.0.1/32")
    monkeypatch.setenv("YIKOU_HOST", "")
    settings = Settings.read()
    assert settings.log_url == "sqlite:////srv/yikou/log.db"
    assert settings.store_url("router") == "postgresql://yikou@db/yikou_router"
    assert settings.public_url == "http://127.0.0.1:9000"
    assert settings.callback_networks == (ip_network("10.0.0.0/8"), ip_network("127.0.0.1/32"))
    assert settings.host == "127.0.0.1"


def test_a_dotenv_file_is_read_and_the_environment_wins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("YIKOU_PORT=9001\nYIKOU_HOST=0.0.0.0\n")
    monkeypatch.setenv("YIKOU_PORT", "9002")
    settings = Settings.read()
    assert (settings.port, settings.host) == (9002, "0.0.0.0")  # noqa: S104


@pytest.mark.parametrize("where", ["environment", "dotenv"])
def test_a_secret_comes_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, where: str) -> None:
    (tmp_path / "secret").write_text(f"kafka://user:{SECRET}@broker:9092/cases\n")
    if where == "environment":
        monkeypatch.setenv("YIKOU_LOG_URL_FILE", str(tmp_path / "secret"))
    else:
        (tmp_path / ".env").write_text(f"YIKOU_LOG_URL_FILE={tmp_path}/secret\n")
    settings = Settings.read()
    assert settings.log_url == f"kafka://user:{SECRET}@broker:9092/cases"
    assert SECRET not in repr(settings)


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("PORT", "eighty", "must be a whole number"),
        ("PORT", "70000", "must be at most 65535"),
        ("LOG_URL", f"redis://:{SECRET}@host", "must begin with one of sqlite:///, kafka://"),
        ("STORE_URL", f"mysql://u:{SECRET}@h/{{service}}", "must begin with one of sqlite:///"),
        ("STORE_URL", f"postgresql://u:{SECRET}@h/all", "must contain {service}"),
        ("STORE_URL", f"postgresql://u:{SECRET}@h:x/y_{{service}}", "must look like postgresql://"),
        ("STORE_URL", f"postgresql://u:{SECRET}@[::1/y_{{service}}", "must look like postgresql://"),
        (
            "STORE_URL",
            f"postgresql://u:{SECRET}@h/{{service}}?answer_within=x",
            "must look like postgresql://",
        ),
        ("PUBLIC_URL", "12333.example", "must begin with one of http://"),
        ("CALLBACK_ALLOW", "10.0.0.0/8;evil", "must be networks separated by commas"),
        ("COOKIE_SECURE", "perhaps", "must be true or false"),
        ("LOG_LEVEL", "loud", "must be one of"),
        ("STORE_URL_FILE", "/nowhere/at/all", "names a file that cannot be read"),
    ],
)
def test_a_wrong_setting_is_named_with_its_reason_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(f"YIKOU_{variable}", value)
    with pytest.raises(SettingsError) as wrong:
        Settings.read()
    assert f"YIKOU_{variable} {reason}" in str(wrong.value)
    assert SECRET not in str(wrong.value)
    assert len(str(wrong.value).splitlines()) == 1


def test_every_wrong_setting_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIKOU_PORT", "x")
    monkeypatch.setenv("YIKOU_LOG_LEVEL", "loud")
    with pytest.raises(SettingsError) as wrong:
        Settings.read()
    assert [line.split("：")[0] for line in str(wrong.value).splitlines()] == [
        "YIKOU_PORT",
        "YIKOU_LOG_LEVEL",
    ]


def test_a_value_and_its_file_at_once_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("sqlite:///x.db")
    monkeypatch.setenv("YIKOU_LOG_URL", "sqlite:///y.db")
    monkeypatch.setenv("YIKOU_LOG_URL_FILE", str(tmp_path / "secret"))
    with pytest.raises(SettingsError, match="cannot be set with YIKOU_LOG_URL"):
        Settings.read()
