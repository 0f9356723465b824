"""One stored picture as an HTTP answer: streamed, in ranges, kept nowhere on the way, and nothing in it runs.

Three ways: from the disk; by the web server in front of us, which is told the place (PHOTO_SENDFILE); or from a
bucket, to which the browser is led with an address that soon ends.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import closing
from typing import IO, cast

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)

NO_CONSENT = "The patient does not agree to photos for the record any more: they are not shown."
NOTHING_RUNS = "default-src 'none'; sandbox"
BLOCK = 64 * 1024
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


def stream(
    request: HttpRequest, name: str, *, media_type: str, filename: str, as_attachment: bool = False
) -> HttpResponse:
    """Answer GET and HEAD for a file of the picture store. `filename` says nothing of the person."""
    disposition = f'{"attachment" if as_attachment else "inline"}; filename="{filename}"'
    if not isinstance(default_storage, FileSystemStorage):
        answer: HttpResponseBase = HttpResponseRedirect(_signed(name, media_type, disposition))
    elif settings.PHOTO_SENDFILE:
        answer = HttpResponse(headers={"X-Accel-Redirect": f"{settings.PHOTO_SENDFILE.rstrip('/')}/{name}"})
    else:
        answer = _from_disk(request, name, media_type)
    if answer.status_code not in (302, 304):
        answer["Content-Type"] = media_type
        answer["Content-Disposition"] = disposition
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    answer["Content-Security-Policy"] = NOTHING_RUNS
    return cast(HttpResponse, answer)  # a streamed answer is one to everything but the types


def _signed(name: str, media_type: str, disposition: str) -> str:
    said = {
        "ResponseContentType": media_type,
        "ResponseContentDisposition": disposition,
        "ResponseCacheControl": "private, no-store",
    }
    url: str = default_storage.url(name, parameters=said)  # type: ignore[call-arg]  # the bucket's own
    return url


def _from_disk(request: HttpRequest, name: str, media_type: str) -> HttpResponseBase:
    # A file is never written twice under one name, so its name is its version.
    etag = f'"{hashlib.sha256(name.encode()).hexdigest()[:32]}"'
    if _names(request.headers.get("If-None-Match", ""), etag):
        return HttpResponse(status=304, headers={"ETag": etag})
    try:
        size = default_storage.size(name)
        file = default_storage.open(name)
    except FileNotFoundError:
        raise Http404 from None
    asked = _asked(request, etag, size)
    if request.method == "HEAD" or asked == ():
        file.close()
    if asked == ():
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}", "ETag": etag})
    first, last = asked or (0, size - 1)
    answer: HttpResponseBase
    if request.method == "HEAD":
        answer = HttpResponse()
    elif asked:
        answer = StreamingHttpResponse(_piece(file, first, last), status=206)
        answer["Content-Range"] = f"bytes {first}-{last}/{size}"
    else:
        answer = FileResponse(file)
    answer["Content-Length"] = str(last - first + 1)
    answer["Accept-Ranges"], answer["ETag"] = "bytes", etag
    return answer


def _names(listed: str, etag: str) -> bool:
    return listed.strip() == "*" or etag in (one.strip().removeprefix("W/") for one in listed.split(","))


def _asked(request: HttpRequest, etag: str, size: int) -> tuple[int, int] | tuple[()] | None:
    """First and last byte; () where none are there; None for all: no range, several, or of another version."""
    asked = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    if request.method != "GET" or asked is None or request.headers.get("If-Range", etag) != etag:
        return None
    first, last = asked.groups()
    if not first:
        return (max(0, size - int(last)), size - 1) if last and int(last) else () if last else None
    if last and int(last) < int(first):
        return None
    return (int(first), min(int(last or size), size - 1)) if int(first) < size else ()


def _piece(file: IO[bytes], first: int, last: int) -> Iterator[bytes]:
    with closing(file):
        file.seek(first)
        left = last - first + 1
        while left and (block := file.read(min(BLOCK, left))):
            left -= len(block)
            yield block
