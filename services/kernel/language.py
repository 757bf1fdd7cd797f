"""Which of the two languages a reader is answered in: Chinese unless English is preferred."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, Literal

Language = Literal["zh", "en"]
COOKIE: Final = "lang"
TAGS: Final[Mapping[Language, str]] = {"zh": "zh-CN", "en": "en"}  # what <html lang> and Content-Language say


def language_of(cookies: Mapping[str, str], headers: Mapping[str, str]) -> Language:
    """The language chosen on the page (cookie `lang`), else the one that Accept-Language prefers."""
    chosen = cookies.get(COOKIE)
    if chosen in TAGS:
        return "en" if chosen == "en" else "zh"
    return preferred(headers.get("accept-language", "")[:200])


@lru_cache(maxsize=256)
def preferred(accept_language: str) -> Language:
    """zh or en, by RFC 9110 §12.5.4; a tie or any other language gives Chinese."""
    best = {"zh": 0.0, "en": 0.0}
    for part in accept_language.lower().split(","):
        tag, _, weight = part.strip().partition(";")
        tongue = "zh" if tag == "*" else tag.split("-")[0].strip()
        if tongue in best:
            best[tongue] = max(best[tongue], _weight(weight))
    return "en" if best["en"] > best["zh"] else "zh"


def _weight(text: str) -> float:
    name, _, value = text.strip().partition("=")
    if not name:
        return 1.0
    try:
        return min(1.0, max(0.0, float(value))) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0
