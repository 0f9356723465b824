"""The two columns say all that changes, nothing that does not, and the sentence before them counts right."""

import re
from dataclasses import replace
from datetime import timedelta

from hypothesis import given

from plans.rules.cascade import preview
from plans.rules.changes import Pin, Skip
from plans.rules.diff_rows import Mark, sections_of, summary_of
from plans.rules.diff_words import NOTHING
from tests.rules.plans import few, plans, plans_and_changes, to_come, tried


@few
@given(plans_and_changes())
def test_every_pair_has_its_row_and_only_what_changes_is_marked(case):
    shown = tried(*case)
    for section, pairs in zip(
        sections_of(shown),
        (shown.diff.sessions, shown.diff.reviews, shown.diff.restrictions, shown.diff.letters),
        strict=True,
    ):
        assert len(section.rows) == len(pairs)
        assert sorted((*section.changed, *section.same), key=repr) == sorted(section.rows, key=repr)
        for row, pair in zip(section.rows, pairs, strict=True):
            assert row.is_changed == (row.was != row.will) == bool(row.word)
            assert pair.is_changed or not row.is_changed
            assert (row.mark is Mark.NEW) == (row.was == NOTHING != row.will)
            assert (row.mark is Mark.GONE) == (row.will == NOTHING != row.was)


@few
@given(plans_and_changes())
def test_the_sentence_counts_every_changed_row_once(case):
    sections = sections_of(tried(*case))
    said = summary_of(sections, misfits=0)
    for section in sections:
        counted = re.findall(rf"(\d+) {section.what}s? ", said)
        assert sum(map(int, counted)) == len(section.changed)
    assert said.startswith("Nothing that has a date changes") == (not any(section.changed for section in sections))
    assert said.endswith(".")
    assert "2 appointments no longer fit." in summary_of(sections, misfits=2)


@few
@given(plans())
def test_days_are_counted_and_a_skipped_session_is_called_skipped(facts):
    for step in to_come(facts)[:1]:
        row = next(row for row in sections_of(preview(facts, Skip(step.ref)))[0].rows if row.ref == step.ref)
        assert (row.mark, row.word, row.will) == (Mark.CHANGED, "skipped", "skipped")
        alone = replace(facts.with_step(step.ref, booked_on=None), bookings=())
        target = max(preview(alone, Skip(step.ref)).before.sessions[step.ref].window.target, facts.today)
        shown = preview(alone, Pin(step.ref, target + timedelta(days=3)))
        row = next(row for row in sections_of(shown)[0].rows if row.ref == step.ref)
        before = shown.before.sessions[step.ref].window.target
        days = (shown.after.sessions[step.ref].window.target - before).days
        assert (
            days == 0
            or row.word.startswith(f"{abs(days)} day")
            or shown.before.sessions[step.ref].number != step.number
        )
