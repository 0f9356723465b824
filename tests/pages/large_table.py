"""A table that counts as large after two rows, on its way through the pages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from clinic.models import Location
from patients.tasks import run_import

ROWS = [("Mei", "Tan"), ("Li", "Wong"), ("Zoë", "Weiß"), ("Ana", "Cruz"), ("Ida", "Berg")]
GOOD = "First name,Last name,Birth date\n" + "".join(
    f"{first},{last},1980-01-0{n}\n" for n, (first, last) in enumerate(ROWS, 1)
)
BAD = GOOD + "Noor,Secret,1980-02-31\n"
CHOSEN = {"first_name": "First name", "last_name": "Last name", "birth_date": "Birth date"}
CONFIRMED = {"on_bad": "all_or_nothing"}


def asked(client: Client, here: Location, text: str = GOOD) -> UUID:
    """Upload a large table, say which column is what, and return its key: a check now waits for the worker."""
    upload = SimpleUploadedFile("x.csv", text.encode())
    columns = client.post(reverse("patients:import"), {"file": upload, "location": here.pk}).headers["Location"]
    watched = client.post(columns, CHOSEN).headers["Location"]
    key = UUID(columns.rstrip("/").split("/")[-1])
    assert watched == page("progress", key)
    return key


def page(name: str, key: UUID) -> str:
    return reverse(f"patients:import-{name}", args=[key])


def checked(client: Client, here: Location, text: str = GOOD) -> UUID:
    key = asked(client, here, text)
    run_import(str(key))
    return key


def poll(client: Client, key: UUID, query: str = "") -> Any:
    return client.get(page("progress", key) + query, headers={"HX-Request": "true"})


def rewrite(folder: Path, **changes: Any) -> None:
    (file,) = folder.glob("*.json")
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))
