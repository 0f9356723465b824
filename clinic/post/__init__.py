"""Mail as bytes, and the ways it leaves the house. No models, no Django."""

from clinic.post.address import ascii_address
from clinic.post.choose import open_post
from clinic.post.folder import FolderPost
from clinic.post.message import Envelope, build
from clinic.post.outcome import Outcome, OutcomeKind
from clinic.post.protocol import Post, Ready, always
from clinic.post.smtp import SmtpPost, Tls

__all__ = [
    "Envelope",
    "FolderPost",
    "Outcome",
    "OutcomeKind",
    "Post",
    "Ready",
    "SmtpPost",
    "Tls",
    "always",
    "ascii_address",
    "build",
    "open_post",
]
