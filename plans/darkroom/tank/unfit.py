"""Why a picture was not developed."""


class Unfit(Exception):
    """The upload cannot become a photo. `code` names the reason, `kind` what the file turned out to be."""

    def __init__(self, code: str, kind: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.kind = kind
