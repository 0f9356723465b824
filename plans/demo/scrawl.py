"""A demo patient's signature: loops that follow the letters of a name, the same every time."""

from __future__ import annotations

from math import cos, pi, sin

from patients.rules.consent_signature import HEIGHT, WIDTH, Strokes

STEPS = 14


def scrawl(name: str) -> Strokes:
    """Return one long stroke for the name and a line under it."""
    letters = [letter for letter in name.lower() if letter.isalpha()] or ["x"]
    width = min(70.0, (WIDTH - 300) / len(letters))
    line = [
        _at(100 + width * (place + step / STEPS), ord(letter), step)
        for place, letter in enumerate(letters)
        for step in range(STEPS)
    ]
    return tuple(line), ((90, 262), (round(120 + width * len(letters)), 240))


def _at(x: float, letter: int, step: int) -> tuple[int, int]:
    turn = 2 * pi * step / STEPS
    height = 26 + letter * 7 % 60
    return round(x + 18 * sin(turn)), round(min(HEIGHT - 20, max(10, 170 - height * cos(turn + letter % 3))))
