from pathlib import Path

import pytest

from tests.house.imports import violations

ROOT = Path(__file__).resolve().parents[2]


def test_every_import_points_left():
    assert [str(violation) for violation in violations(ROOT)] == []


PLANTED = [
    ("clinic/rules/roles.py", "from patients.models import Patient", "clinic stands left of patients"),
    ("clinic/views.py", "import plans.queries", "clinic stands left of plans"),
    ("patients/operations/register.py", "from plans.models import Plan", "patients stands left of plans"),
    ("plans/rules/windows.py", "from plans.models import Plan", "rules stand left of models"),
    ("plans/rules/windows.py", "from django.utils import timezone", "rules are plain Python, without django"),
    ("plans/darkroom/decode.py", "import django.core.files", "rules are plain Python, without django"),
    ("plans/models/plan.py", "from plans.operations import booking", "models stand left of operations"),
    (
        "plans/operations/booking.py",
        "from plans.queries import slots",
        "operations and queries do not import each other",
    ),
    ("plans/queries/slots.py", "from ..operations import booking", "operations and queries do not import each other"),
    ("plans/operations/booking.py", "from clinic import clock", "operations stand left of faces"),
    ("plans/operations/booking.py", "from plans.tasks import tick", "operations stand left of faces"),
]


@pytest.mark.parametrize(("file", "line", "reason"), PLANTED)
def test_a_planted_wrong_import_is_named_with_its_place(tmp_path, file, line, reason):
    _plant(tmp_path, file, f'"""Why this file is here."""\n\n\ndef later():\n    {line}\n')
    [found] = violations(tmp_path)
    assert str(found).startswith(f"{file}:5 imports ")
    assert str(found).endswith(f": {reason}")


def test_a_rule_that_asks_the_clock_is_named(tmp_path):
    _plant(tmp_path, "plans/rules/windows.py", "from datetime import datetime\n\nnow = datetime.now()\n")
    [found] = violations(tmp_path)
    assert str(found) == "plans/rules/windows.py:3 asks the clock with datetime.now(): rules are told the time"


@pytest.mark.parametrize(
    "line",
    [
        "from plans.models import Plan",
        "from patients.queries import search",
        "from clinic.rules import roles",
        "from clinic import pulse",
        "import django.db",
    ],
)
def test_what_stands_left_may_be_imported(tmp_path, line):
    _plant(tmp_path, "plans/queries/slots.py", f"{line}\n")
    assert violations(tmp_path) == []


def _plant(root: Path, file: str, text: str) -> None:
    for module in ("plans/operations/booking", "plans/queries/slots", "plans/tasks", "clinic/clock", "clinic/pulse"):
        place = root / f"{module}.py"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    (root / "patients").mkdir()
    target = root / file
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)
