"""A thing's name in the two languages that every reader is offered."""

from typing import NamedTuple


class Name(NamedTuple):
    """One name, Chinese first."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """The name for a reader of `language` (a tag such as "zh-CN"): Chinese, or English if asked for."""
        return self.en if language.lower().startswith("en") else self.zh
