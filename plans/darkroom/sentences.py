"""What people read when a photo is refused: what is wrong and what to do."""

from __future__ import annotations

from clinic.rules.refusal import Refusal

_PICTURE_NAMES = (".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".avif")

_SENTENCES = {
    "photo_empty": "The file is empty: take the photo again, or choose another file.",
    "photo_too_big": "The photo is over 40 MB or 60 megapixels: send it at the camera's normal size.",
    "photo_too_small": "The photo is too small or too narrow to judge (at least 240 pixels each way): "
    "send the full-size photo, not its preview.",
    "photo_broken": "The photo is damaged or was cut off on the way: send it again from the camera.",
    "photo_bomb": "The file claims to unpack to far more than a photo holds, so it was not opened: "
    "send the photo as the camera made it.",
    "photo_timeout": "Opening the photo took too long and was stopped: send it again, as JPEG if you can.",
}


def refusal(code: str, kind: str = "", *, filename_hint: str = "") -> Refusal:
    """Return the refusal for a code of the tank; a code it does not know counts as a damaged photo."""
    if code == "photo_format":
        named_so = filename_hint.lower().endswith(_PICTURE_NAMES)
        what = f"Named like a photo, the file is really {kind}" if named_so else f"This is {kind}, not a photo we keep"
        return Refusal(code, f"{what}: send a JPEG, PNG, WebP, HEIC or AVIF photo.")
    if code not in _SENTENCES:
        code = "photo_broken"
    return Refusal(code, _SENTENCES[code])
