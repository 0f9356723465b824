"""Reads every import of the program and judges its direction (docs: the layers of the house)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGES = ("clinic", "patients", "plans")  # each may import itself and what stands left of it
RULES = {"rules", "darkroom", "post"}
# Pieces of wiring without rows or pages, which every layer above the rules may stand on.
GROUND = {"clinic.discreet", "clinic.json_cache", "clinic.look", "clinic.pulse", "clinic.wiring"}
HEIGHT = {"rules": 0, "ground": 1, "models": 2, "operations": 3, "queries": 3, "faces": 4}
NOT_FOR_RULES = {"django", "celery", "redis", "allauth", "simple_history", "unfold", "import_export"}
CLOCKS = {("datetime", "now"), ("datetime", "today"), ("datetime", "utcnow"), ("date", "today"), ("timezone", "now")}


@dataclass(frozen=True, slots=True)
class Violation:
    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.what}"


def violations(root: Path) -> list[Violation]:
    """Every wrong import below `root`, in the order of files and lines."""
    found: list[Violation] = []
    for package in PACKAGES:
        for file in sorted((root / package).rglob("*.py")):
            if "migrations" not in file.parts:
                found += _judge(file, root)
    return found


def _judge(file: Path, root: Path) -> Iterator[Violation]:
    module = _module_name(file, root)
    where = str(file.relative_to(root))
    tree = ast.parse(file.read_text(encoding="utf-8"), where)
    for line, target in sorted(_imports(tree, module, file, root)):
        if reason := _why_not(module, target):
            yield Violation(where, line, f"imports {target}: {reason}")
    if module.split(".")[1:2] in (["rules"], ["darkroom"]):
        for line, call in _clock_calls(tree):
            yield Violation(where, line, f"asks the clock with {call}: rules are told the time")


def _module_name(file: Path, root: Path) -> str:
    parts = file.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(tree: ast.AST, module: str, file: Path, root: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield node.lineno, name.name
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, module, is_package=file.name == "__init__.py")
            for name in node.names:
                deeper = f"{base}.{name.name}"
                yield node.lineno, deeper if _exists(deeper, root) else base


def _absolute(node: ast.ImportFrom, module: str, *, is_package: bool) -> str:
    if not node.level:
        return node.module or ""
    parts = module.split(".")
    kept = parts[: len(parts) - node.level + is_package]
    return ".".join([*kept, node.module] if node.module else kept)


def _exists(module: str, root: Path) -> bool:
    path = root.joinpath(*module.split("."))
    return path.with_suffix(".py").is_file() or path.is_dir()


def layer_of(module: str) -> str:
    if module in GROUND:
        return "ground"
    part = [*module.split("."), ""][1]
    if part in RULES:
        return "rules"
    return part if part in HEIGHT else "faces"


def _why_not(module: str, target: str) -> str | None:
    package, _, _ = module.partition(".")
    other, _, rest = target.partition(".")
    if layer_of(module) == "rules" and other in NOT_FOR_RULES:
        return f"rules are plain Python, without {other}"
    if other not in PACKAGES:
        return None
    if PACKAGES.index(other) > PACKAGES.index(package):
        return f"{package} stands left of {other}"
    if not rest:
        return None
    mine, theirs = layer_of(module), layer_of(target)
    if HEIGHT[theirs] > HEIGHT[mine]:
        return f"{mine} stand left of {theirs}"
    if {mine, theirs} == {"operations", "queries"}:
        return "operations and queries do not import each other"
    return None


def _clock_calls(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            name = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
            if (name, node.func.attr) in CLOCKS:
                yield node.lineno, f"{name}.{node.func.attr}()"
