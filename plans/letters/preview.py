"""Every letter in every language as files, to look at before patients do."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path

from clinic.catalogues import languages
from clinic.language import ENGLISH
from clinic.post import Envelope, build
from plans.letters.facts import LetterFacts
from plans.letters.render import Letter, render
from plans.letters.samples import sample_facts

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>Letters</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}}
table{{width:100%;border-collapse:collapse}}td,th{{text-align:start;padding:.4rem 1rem .4rem 0;vertical-align:top}}
tr+tr td{{border-top:1px solid #8884}}</style></head>
<body><h1>Letters</h1><p>Every letter with sample facts, in every language. None of them was sent.</p>
<table><thead><tr><th>Letter</th>{heads}</tr></thead><tbody>
{rows}
</tbody></table></body></html>
"""


def write_previews(folder: Path) -> list[Path]:
    """Write each letter as .html, .txt, .eml and, where it has one, .ics, in a folder per language, and an index.html.

    Return their paths.
    """
    spoken = (ENGLISH, *languages())
    written: list[Path] = []
    cells: dict[str, list[str]] = {}
    for language in spoken:
        place = folder / language
        place.mkdir(parents=True, exist_ok=True)
        for kind, facts in sample_facts(language).items():
            letter = render(facts)
            files = [_write(place / f"{kind}{ending}", content) for ending, content in _files(facts, letter)]
            written += files
            cells.setdefault(kind.label, []).append(_cell(language, letter.subject, files))
    heads = "".join(f"<th>{escape(language)}</th>" for language in spoken)
    rows = "\n".join(f"<tr><td>{escape(label)}</td>{''.join(row)}</tr>" for label, row in cells.items())
    return [*written, _write(folder / "index.html", _PAGE.format(heads=heads, rows=rows).encode())]


def _files(facts: LetterFacts, letter: Letter) -> list[tuple[str, bytes]]:
    files = [
        (".html", letter.html.encode()),
        (".txt", letter.text.encode()),
        (".eml", build(_envelope(facts, letter))),
    ]
    return [*files, (".ics", letter.calendar)] if letter.calendar else files


def _envelope(facts: LetterFacts, letter: Letter) -> Envelope:
    return Envelope(
        sender=facts.reply_to,
        sender_name=facts.clinic_name,
        reply_to=facts.reply_to,
        recipient="patient@example.org",
        recipient_name=facts.patient_first_name,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        calendar=letter.calendar,
        calendar_method=letter.calendar_method,
        message_id=f"sample-{facts.kind}@clinic.example",
        date=facts.written_at,
        unsubscribe_url=facts.unsubscribe_url,
        idempotency_key=f"sample-{facts.kind}",
    )


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _cell(language: str, subject: str, files: Iterable[Path]) -> str:
    links = " ".join(f'<a href="{escape(f"{language}/{file.name}")}">{file.suffix[1:]}</a>' for file in files)
    return f'<td><bdi lang="{escape(language)}">{escape(subject)}</bdi><br>{links}</td>'
