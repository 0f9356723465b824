"""The house's own translations: `locale/<language>/LC_MESSAGES/*.po`, read as they are.

No compiled file lies in the repository, and no system tool is needed: a catalogue is compiled in memory when it is
first asked for.
"""

from __future__ import annotations

import io
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).resolve().parent.parent / "locale"


@cache
def catalogue(language: str, folder: Path = FOLDER) -> NullTranslations:
    """Return every sentence of a language, its letters' first; none of them for the language they are written in.

    ValueError for a file that cannot be read: half a translation would be worse than a program that does not start.
    """
    found: NullTranslations | None = None
    for path in _files(language, folder):
        one = GNUTranslations(io.BytesIO(_compiled(path)))
        if found is None:
            found = one
        else:
            found.add_fallback(one)
    return found or NullTranslations()


def languages(folder: Path = FOLDER) -> tuple[str, ...]:
    """Return the languages letters are translated into, without the one they are written in."""
    return tuple(sorted(path.parent.parent.name for path in folder.glob("*/LC_MESSAGES/letters.po")))


def _files(language: str, folder: Path) -> list[Path]:
    files = sorted((folder / language / "LC_MESSAGES").glob("*.po"))
    return sorted(files, key=lambda path: path.name != "letters.po")


def _compiled(path: Path) -> bytes:
    with path.open("rb") as file:
        try:
            sentences = read_po(file, abort_invalid=True)
        except Exception as error:
            raise ValueError(f"{path.name} is not a catalogue of sentences: {error}") from error
    made = io.BytesIO()
    write_mo(made, sentences)
    return made.getvalue()
