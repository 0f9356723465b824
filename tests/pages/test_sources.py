from django.template import Context, Template


def render(text: str, **context: object) -> str:
    return Template("{% load sources %}" + text).render(Context(context))


def test_every_source_key_carries_its_title():
    seen = render("{{ keys|cite }}", keys="S1, S3")
    assert seen.count("<abbr") == 2
    assert "Hair-transplant guide" in seen
    assert ">S3</abbr>" in seen


def test_the_owner_and_the_program_are_named_in_words():
    assert render("{{ keys|cite }}", keys="OWNER, program") == "the clinic&#x27;s owner, this program"


def test_what_is_no_source_is_shown_as_it_is_and_escaped():
    assert render("{{ keys|cite }}", keys="<b>") == "&lt;b&gt;"


def test_the_list_names_every_source_once():
    seen = render("{% source_list %}")
    for key in ("S0", "S1", "S2", "S3", "S4", "P1"):
        assert seen.count(f"<dt>{key}</dt>") == 1
