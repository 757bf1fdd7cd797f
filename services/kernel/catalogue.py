"""The English words of the pages: `locale/en.po` of the kernel and of each service, compiled in memory."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from services.kernel.language import Language


def translations(folders: Sequence[Path], language: Language) -> Translations:
    """All folders' words of one language; msgids are Chinese, so Chinese needs none."""
    words = Translations()
    if language == "zh":
        return words
    for path in (folder / "locale" / f"{language}.po" for folder in folders):
        if path.is_file():
            words.merge(_compiled(path))
    return words


def _compiled(path: Path) -> Translations:
    with path.open("rb") as source:
        catalogue = read_po(source, locale=path.stem, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)
