"""Every letter as files, to look at before patients do."""

from __future__ import annotations

from html import escape
from pathlib import Path

from clinic.post import Envelope, build
from plans.letters.facts import LetterFacts
from plans.letters.render import Letter, render
from plans.letters.samples import sample_facts

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>Letters</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem}}
td,th{{text-align:left;padding:.4rem 1rem .4rem 0;vertical-align:top}}</style></head>
<body><h1>Letters</h1><p>Every letter with sample facts. None of them was sent.</p>
<table><thead><tr><th>Letter</th><th>Subject</th><th>Files</th></tr></thead><tbody>
{rows}
</tbody></table></body></html>
"""


def write_previews(folder: Path) -> list[Path]:
    """Write each letter as .html, .txt, .eml and, where it has one, .ics, and an index.html. Return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    rows: list[str] = []
    for kind, facts in sample_facts().items():
        letter = render(facts)
        files = [_write(folder / f"{kind}{ending}", content) for ending, content in _files(facts, letter)]
        written += files
        rows.append(_row(kind.label, letter.subject, files))
    return [*written, _write(folder / "index.html", _PAGE.format(rows="\n".join(rows)).encode())]


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


def _row(label: str, subject: str, files: list[Path]) -> str:
    links = " ".join(f'<a href="{escape(file.name)}">{file.suffix[1:]}</a>' for file in files)
    return f"<tr><td>{escape(label)}</td><td>{escape(subject)}</td><td>{links}</td></tr>"
