"""The two ways the program says no."""


class Refusal(Exception):
    """The world says no. `code` is for programs and the audit, `sentence` is what people read."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


class Forbidden(Exception):
    """Your role says no. Carries nothing about the row that was asked for."""
