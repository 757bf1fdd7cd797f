"""Rules about what code may reach for: no clock, no chance, no `Any` in public, no patching of insides."""

import ast
from collections.abc import Iterator

from tests.flow.architecture import Breach, Module, dotted, imports

WORLD = "services/kernel/surroundings.py"
FREE = frozenset({"simulators", "commands"})
FORBIDDEN = {
    "datetime.now": "the clock is an argument",
    "datetime.utcnow": "the clock is an argument",
    "datetime.today": "the clock is an argument",
    "date.today": "the clock is an argument",
    "time.time": "the clock is an argument",
    "time.time_ns": "the clock is an argument",
    "time.localtime": "the clock is an argument",
    "time.gmtime": "the clock is an argument",
    "uuid.uuid1": "ids come from the surroundings",
    "uuid.uuid4": "ids come from the surroundings",
    "os.urandom": "randomness is an argument",
    "random.SystemRandom": "randomness is an argument",
}


def _reason(name: str, owner: str) -> str | None:
    """Why a dotted name is forbidden, None if it is free; the last two parts decide."""
    last_two = ".".join(name.split(".")[-2:])
    head, _, tail = last_two.partition(".")
    if head == "secrets":
        return None if owner == "kernel" else "secrets are drawn in the kernel"
    if head == "random" and tail and tail != "Random" and name.count(".") == 1:
        return "randomness is an argument"
    return FORBIDDEN.get(last_two)


def _with_arguments(node: ast.AST, names: frozenset[str]) -> Iterator[tuple[ast.AST, frozenset[str]]]:
    """Every node with the arguments around it: `random.choice` of an argument `random` is fine."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        names |= {one.arg for one in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)}
    yield node, names
    for child in ast.iter_child_nodes(node):
        yield from _with_arguments(child, names)


def no_outside_world(module: Module) -> Iterator[Breach]:
    """Only kernel/surroundings.py reads the clock and draws chance; monotonic clocks are free.

    Session keys, tokens and nonces come from `secrets` in the kernel: those must not follow a test's seed.
    """
    if not module.is_product or module.owner in FREE or module.path.as_posix() == WORLD:
        return
    for line, name in imports(module):
        if reason := _reason(name, module.owner):
            yield Breach(module.path, line, f"{name}: {reason}")
    for node, arguments in _with_arguments(module.tree, frozenset()):
        name = dotted(node) if isinstance(node, ast.Attribute) else ""
        if name.split(".")[0] not in arguments and (reason := _reason(name, module.owner)):
            yield Breach(module.path, getattr(node, "lineno", 0), f"{name}: {reason}")
        if isinstance(node, ast.Call) and not node.args and dotted(node.func) in {"random.Random", "Random"}:
            yield Breach(module.path, node.lineno, "Random() without a seed is chance")


def _annotations(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.expr]:
    arguments = node.args
    every = [
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        arguments.vararg,
        arguments.kwarg,
    ]
    yield from (one.annotation for one in every if one and one.annotation)
    if node.returns:
        yield node.returns


def _public(parent: ast.Module | ast.ClassDef) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Functions of the module and methods of its classes that others may call."""
    for node in parent.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from _public(node)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (
            not node.name.startswith("_") or node.name == "__init__"
        ):
            yield node


def no_any_in_public(module: Module) -> Iterator[Breach]:
    if not module.is_product:
        return
    for node in _public(module.tree):
        names = {
            dotted(part) for one in _annotations(node) for part in ast.walk(one) if isinstance(part, ast.expr)
        }
        if names & {"Any", "typing.Any"}:
            yield Breach(module.path, node.lineno, f"{node.name}: Any in a public signature")


def no_patched_insides(module: Module) -> Iterator[Breach]:
    """The wire is faked, never our own functions."""
    for line, name in imports(module):
        if name.startswith(("unittest.mock", "mock.", "pytest_mock")):
            yield Breach(module.path, line, f"{name}: fake the wire instead")
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and dotted(node) in {
            "monkeypatch.setattr",
            "mocker.patch",
            "mock.patch",
        }:
            yield Breach(module.path, node.lineno, f"{dotted(node)}: fake the wire instead")
