"""Settings from the environment: YIKOU_* variables and `.env`, secrets also from YIKOU_*_FILE.

A wrong setting ends the start with one sentence per variable; the value is not repeated, it may be a
secret.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings.sources import DotEnvSettingsSource

from services.kernel.validation import problems_of

PREFIX: Final = "YIKOU_"


class SettingsError(Exception):
    """The installation's settings cannot be used: one line per variable, with the reason in zh and en."""


class Environment(BaseSettings):
    """What the settings of the kernel and of each service have in common: typed, read once, frozen."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        files = _SecretFiles(settings_cls, dotenv_settings)
        return init_settings, files, env_settings, dotenv_settings


E_ = TypeVar("E_", bound=Environment)


def read(kind: type[E_], **given: object) -> E_:
    """The settings `kind` from the environment, `given` ones (by field name) on top; or SettingsError."""
    try:
        return kind(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        errors = error.errors()
    wrong = [(_variable(kind, str(e["loc"][0]) if e["loc"] else "*"), problems_of([e])[0]) for e in errors]
    raise SettingsError("\n".join(_line(variable, p.zh, p.en) for variable, p in wrong))


def _variable(kind: type[BaseSettings], name: str) -> str:
    if name in kind.model_fields:
        alias = kind.model_fields[name].validation_alias
        return alias if isinstance(alias, str) else PREFIX + name.upper()
    return name if name.startswith(PREFIX) else PREFIX + name.upper()


def _line(variable: str, zh: str, en: str) -> str:
    return f"{variable}：{zh.rstrip('。')}。/ {variable} {en.rstrip('.')}."


class _SecretFiles(PydanticBaseSettingsSource):
    """YIKOU_X_FILE names a file that holds the value of YIKOU_X."""

    def __init__(self, kind: type[BaseSettings], dotenv: PydanticBaseSettingsSource) -> None:
        super().__init__(kind)
        self._dotenv: Mapping[str, str | None] = {}
        if isinstance(dotenv, DotEnvSettingsSource):
            self._dotenv = dotenv.env_vars

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name in self.settings_cls.model_fields:
            variable = _variable(self.settings_cls, name)
            if path := self._value(f"{variable}_FILE"):
                if self._value(variable):
                    raise SettingsError(
                        _line(
                            f"{variable}_FILE",
                            f"不能与 {variable} 同时设置",
                            f"cannot be set with {variable}",
                        )
                    )
                found[name] = _content(f"{variable}_FILE", Path(path))
        return found

    def _value(self, variable: str) -> str | None:
        return os.environ.get(variable) or self._dotenv.get(variable.lower())


def _content(variable: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = type(error).__name__
    raise SettingsError(
        _line(variable, f"所指的文件无法读取（{why}）", f"names a file that cannot be read ({why})")
    )
