"""The cache speaks JSON: a broker somebody else can write to must not be able to run code here by a pickle."""

from __future__ import annotations

import json


class JSONSerializer:
    """Whole numbers stay bare, so that the server can count with them; everything else is JSON."""

    def dumps(self, value: object) -> int | bytes:
        return value if type(value) is int else json.dumps(value).encode()

    def loads(self, stored: bytes) -> object:
        return json.loads(stored)
