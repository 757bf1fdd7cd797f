"""Input that cannot be taken, said so that an agent can read it out to the caller."""

from services.domain.names import Name


class Refusal(ValueError):
    """Refused, with a stable `code` (the slug of its problem type) and a sentence in each language.

    `field`: the input field meant, if one is. The sentences never quote the input, which may be personal, and
    may stand in a log.
    """

    def __init__(self, code: str, zh: str, en: str, field: str | None = None) -> None:
        super().__init__(code, zh, en, field)
        self.code = code
        self.zh = zh
        self.en = en
        self.field = field

    def __str__(self) -> str:
        return f"{self.code}: {self.en}"

    def in_language(self, language: str) -> str:
        """The sentence for a reader of `language` (a tag such as "zh-CN")."""
        return Name(self.zh, self.en).in_language(language)

    def at(self, field: str) -> "Refusal":
        """The same refusal, said of `field`."""
        return Refusal(self.code, self.zh, self.en, field)
