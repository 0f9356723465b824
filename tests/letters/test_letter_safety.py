"""What people type can neither break a letter nor speak for the clinic."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy

import pytest
from jinja2 import UndefinedError
from jinja2.exceptions import SecurityError

from clinic.post import Envelope, build
from plans.letters import LetterFacts, render
from plans.letters.pages import page_source, plain_environment, rich_environment
from plans.letters.preview import write_previews
from plans.letters.samples import sample_facts
from plans.rules.letter_kinds import LetterKind

SAMPLES = sample_facts()
EVERY_KIND = pytest.mark.parametrize("kind", list(LetterKind))
HTML = '<b onclick="x()">Mei</b><script>x()</script>&amp;"\''


def posted(facts: LetterFacts) -> bytes:
    letter = render(facts)
    return build(
        Envelope(
            sender=facts.reply_to,
            sender_name=facts.clinic_name,
            reply_to=facts.reply_to,
            recipient="mei@example.org",
            recipient_name=facts.patient_first_name,
            subject=letter.subject,
            text=letter.text,
            html=letter.html,
            calendar=letter.calendar,
            calendar_method=letter.calendar_method,
            message_id="r1.v1@clinic.example",
            date=facts.written_at,
            unsubscribe_url=facts.unsubscribe_url,
            idempotency_key="r1.v1",
        )
    )


@EVERY_KIND
def test_markup_in_any_fact_is_shown_and_never_obeyed(kind: LetterKind):
    typed = replace(
        SAMPLES[kind],
        patient_first_name=HTML,
        clinic_name=HTML,
        clinic_address=HTML,
        clinic_phone=HTML,
        practitioner_name=HTML,
        room=HTML,
        appointment_word=HTML,
        care_items=(HTML,),
        call_now=(HTML,),
        page_url='https://x.test/"><script>x()</script>',
    )
    html = render(typed).html
    assert "<script" not in html
    assert "<b onclick" not in html
    assert "&lt;b onclick=&#34;x()&#34;&gt;Mei&lt;/b&gt;" in html


@EVERY_KIND
@pytest.mark.parametrize(
    "name",
    ["Maximiliana-Theodora Featherstonehaugh-Wolfeschlegelsteinhaus", "نور الهدى", "美玲", "மீனாட்சி", "O'Brien"],
)
def test_every_name_arrives_whole_in_subject_line_bodies_and_header(kind: LetterKind, name: str):
    mail = message_from_bytes(posted(replace(SAMPLES[kind], patient_first_name=name)), policy=policy.default)
    bodies = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"][:2]
    assert f"Hello {name}," in bodies[0]
    assert name.replace("'", "&#39;") in bodies[1]
    assert mail["To"].addresses[0].addr_spec == "mei@example.org"


@EVERY_KIND
def test_a_name_with_line_breaks_adds_no_header_and_no_paragraph(kind: LetterKind):
    evil = "Mei\r\nBcc: all@example.org\r\n\r\nYou won. Click here\u2028now"
    facts = replace(SAMPLES[kind], patient_first_name=evil, clinic_name=evil)
    plain, forged = (message_from_bytes(posted(one), policy=policy.default) for one in (SAMPLES[kind], facts))
    assert forged.keys() == plain.keys()
    assert "Hello Mei Bcc: all@example.org You won. Click here now,\n" in render(facts).text


@EVERY_KIND
def test_the_whole_mail_is_the_same_bytes_twice_with_short_lines_and_a_way_out(kind: LetterKind):
    facts = replace(SAMPLES[kind], care_items=("word " * 500 + "x" * 3000,))
    raw = posted(facts)
    assert raw == posted(replace(facts))
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    mail = message_from_bytes(raw, policy=policy.default)
    assert mail["List-Unsubscribe"] == f"<{facts.unsubscribe_url}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Auto-Submitted"] == "auto-generated"
    kinds = [part.get_content_type() for part in mail.walk() if part.get_content_maintype() == "text"]
    assert kinds[:2] == ["text/plain", "text/html"]


def test_a_template_that_names_an_unknown_fact_fails_instead_of_printing_nothing():
    for environment in (plain_environment(), rich_environment()):
        with pytest.raises(UndefinedError):
            environment.from_string("Hello {{ surname }}").render(first_name="Mei")


@pytest.mark.parametrize("attack", ["{{ ''.__class__.__mro__ }}", "{{ items.append(1) }}", "{{ items.clear() }}"])
def test_a_template_reaches_nothing_but_its_facts(attack: str):
    for environment in (plain_environment(), rich_environment()):
        with pytest.raises(SecurityError):
            environment.from_string(attack).render(items=[1])


def test_a_template_tag_that_inlining_would_change_is_refused():
    with pytest.raises(ValueError, match="changed its template tags"):
        page_source("{% if months > 3 %}later{% endif %}", "", language="en", direction="ltr")


def test_previews_are_written_for_every_kind_in_every_language(tmp_path):
    written = write_previews(tmp_path / "letters")
    names = {str(path.relative_to(tmp_path / "letters")) for path in written}
    for kind in LetterKind:
        assert {f"{code}/{kind}.{end}" for code in ("en", "ar") for end in ("html", "txt", "eml")} <= names
    index = (tmp_path / "letters" / "index.html").read_text()
    assert all(f'href="{name}"' in index for name in names - {"index.html"})
