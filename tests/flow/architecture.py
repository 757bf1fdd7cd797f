"""The rules of the architecture as functions: a Python file in, sentences about what it breaks out.

Each rule is `(Module) -> Iterator[Breach]`; test_shape.py runs them all on the tree, and each on bad files.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

SERVICES = frozenset(
    {"intake", "router", "inspection_adapter", "employment_adapter", "helpdesk_adapter", "notifier"}
)
KAFKA = "services/kernel/kafka/"
DATABASE = "services/kernel/database/"
MAX_FILE, MAX_FUNCTION = 200, 40
VAGUE = frozenset({"utils", "util", "helpers", "helper", "manager", "managers", "base", "common", "misc"})
STANDARD_FILES = frozenset(
    {
        "__init__",
        "service",
        "settings",
        "models",
        "rules",
        "translate",
        "handlers",
        "client",
        "routes",
        "pages",
    }
)
STANDARD_FOLDERS = frozenset({"templates", "migrations", "static", "locale"})


@dataclass(frozen=True)
class Module:
    path: PurePosixPath  # relative to the checkout
    source: str
    tree: ast.Module = field(repr=False)

    @classmethod
    def parse(cls, path: str, source: str) -> "Module":
        return cls(PurePosixPath(path), source, ast.parse(source))

    @classmethod
    def read(cls, root: Path, path: Path) -> "Module":
        return cls.parse(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8"))

    @property
    def owner(self) -> str:
        """The package under services/ ("kernel", "intake"); "" for services/cli.py and all else."""
        parts = self.path.parts
        return parts[1] if parts[0] == "services" and len(parts) > 2 else ""

    @property
    def is_product(self) -> bool:
        return self.path.parts[0] == "services"


@dataclass(frozen=True)
class Breach:
    path: PurePosixPath
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


Rule = Callable[[Module], Iterator[Breach]]


def dotted(node: ast.expr) -> str:
    """`a.b.c` of an attribute chain, "" for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (head := dotted(node.value)):
        return f"{head}.{node.attr}"
    return ""


def imports(module: Module) -> Iterator[tuple[int, str]]:
    """Every imported dotted name; `from a import b` gives a.b, relative imports are resolved."""
    package = module.path.parts[:-1]
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            source = ".".join(part for part in (above, node.module or "") if part)
            yield from ((node.lineno, f"{source}.{alias.name}") for alias in node.names)


def may_import(owner: str) -> tuple[str, ...] | None:
    """Prefixes under services that a package may import; None means anything."""
    ours = {
        "domain": ("services.domain",),
        "kernel": ("services.kernel", "services.domain"),
        "simulators": ("services.simulators", "services.domain", "services.kernel.webhooks"),
    }
    if owner in SERVICES:
        return (f"services.{owner}", "services.kernel", "services.domain")
    return ours.get(owner)


def import_directions(module: Module) -> Iterator[Breach]:
    allowed = may_import(module.owner)
    if not module.is_product or allowed is None:
        return
    for line, name in imports(module):
        inside = any(name == prefix or name.startswith(prefix + ".") for prefix in allowed)
        if name.startswith("services.") and not inside:
            yield Breach(module.path, line, f"{module.owner} may not import {name}")


def outside_libraries(module: Module) -> Iterator[Breach]:
    """The network is reached in client.py, Kafka in one package: it has more traps than one file has room."""
    if not module.is_product:
        return
    for line, name in imports(module):
        root = name.split(".")[0]
        if (
            root == "httpx"
            and module.path.name != "client.py"
            and module.owner not in {"simulators", "commands"}
        ):
            yield Breach(module.path, line, "httpx belongs in client.py")
        if root == "aiokafka" and not module.path.as_posix().startswith(KAFKA):
            yield Breach(module.path, line, "aiokafka belongs in kernel/kafka/")
        at_home = module.path.as_posix().startswith(DATABASE) or "migrations" in module.path.parts
        if root in {"asyncpg", "alembic"} and not at_home:
            yield Breach(module.path, line, f"{root} belongs in kernel/database/")
        if root == "mock" or name.startswith("unittest.mock"):
            yield Breach(module.path, line, "the product needs no mocks")


def commits(module: Module) -> Iterator[Breach]:
    allowed = module.owner == "kernel" and (
        module.path.as_posix().startswith(DATABASE) or module.path.name.startswith("eventlog")
    )
    if not module.is_product or allowed:
        return
    for node in ast.walk(module.tree):
        called = (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
        )
        spelt = isinstance(node, ast.Constant) and str(node.value).strip(" ;").upper() == "COMMIT"
        if called or spelt:
            yield Breach(
                module.path, getattr(node, "lineno", 0), "only the databases and the event logs commit"
            )


def budgets(module: Module) -> Iterator[Breach]:
    if (lines := module.source.count("\n")) > MAX_FILE:
        yield Breach(module.path, lines, f"{lines} lines, at most {MAX_FILE}")
    for node in ast.walk(module.tree):
        made = "migrations" in module.path.parts  # a list of columns, by tools/migration.py
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not made:
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > MAX_FUNCTION:
                yield Breach(
                    module.path, node.lineno, f"{node.name} has {length} lines, at most {MAX_FUNCTION}"
                )


def telling_names(module: Module) -> Iterator[Breach]:
    if vague := VAGUE & {module.path.stem, *module.path.parts[:-1]}:
        yield Breach(module.path, 1, f"'{min(vague)}' does not say what is inside")


def registry_last(module: Module) -> Iterator[Breach]:
    """handlers.py of a service ends with its registry written out as one dict literal:

    `HANDLERS = {Event: handler, ...}`, or `def handlers(...)` returning it where handlers take arguments.
    """
    if module.owner not in SERVICES or module.path.name != "handlers.py":
        return
    last = module.tree.body[-1] if module.tree.body else None
    value: ast.expr | None = None
    if isinstance(last, ast.Assign | ast.AnnAssign):
        targets = last.targets if isinstance(last, ast.Assign) else [last.target]
        value = last.value if [dotted(target) for target in targets] == ["HANDLERS"] else None
    elif isinstance(last, ast.FunctionDef) and last.name == "handlers":
        end = last.body[-1]
        value = end.value if isinstance(end, ast.Return) else None
    if not isinstance(value, ast.Dict):
        yield Breach(module.path, 1, "the last statement must be the registry as a dict literal")


def standard_files(module: Module, nouns: dict[str, frozenset[str]]) -> Iterator[Breach]:
    """A service has the standard files, and only those further ones that `nouns` names for it."""
    if module.owner not in SERVICES:
        return
    inside = module.path.parts[2:]
    allowed = STANDARD_FILES | STANDARD_FOLDERS | nouns.get(module.owner, frozenset())
    if PurePosixPath(inside[0]).stem not in allowed:
        yield Breach(
            module.path, 1, f"{inside[0]} is no standard file; a further noun is named in test_shape.py"
        )
