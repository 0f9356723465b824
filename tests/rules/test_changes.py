"""Two assessments side by side show what is different, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from patients.rules.changes import Change, changes

WORDS = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["", "mild", "severe"]))


def test_what_is_new_changed_and_gone_is_told_apart():
    before = {"Grade": "Ludwig I", "Tobacco": "yes", "Pull test": "2"}
    after = {"Grade": "Ludwig II", "Pull test": "2", "Vertex": "mild thinning"}
    assert changes(before, after) == (
        Change("Grade", "Ludwig I", "Ludwig II"),
        Change("Vertex", "", "mild thinning"),
        Change("Tobacco", "yes", ""),
    )


@given(WORDS, WORDS)
def test_the_changes_lead_from_the_one_to_the_other(before, after):
    led = dict(before)
    for change in changes(before, after):
        assert led.get(change.label, "") == change.was != change.now
        led[change.label] = change.now
    assert {k: v for k, v in led.items() if v} == {k: v for k, v in after.items() if v}


@given(WORDS)
def test_nothing_changed_is_no_change(words):
    assert changes(words, words) == ()
