"""An event loop on virtual time whose processes can be killed or stopped at any await.

Whatever a task does belongs to the process in whose context it was made. Nothing of a dead process ever runs
again; what a stopped one would have done waits until it goes on. Nothing sleeps: time jumps to the next timer.
"""

import asyncio
import contextvars
from collections import defaultdict, deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

PROCESS: contextvars.ContextVar[str] = contextvars.ContextVar("process", default="")


class Stuck(Exception):
    """Nothing is left to do, and nothing will ever come."""


class VirtualLoop(asyncio.BaseEventLoop):
    """`at_step` maps a step's number to what is to happen before it."""

    def __init__(self) -> None:
        super().__init__()
        self._selector = self
        self._virtual, self.steps = 0.0, 0
        self.at_step: dict[int, Callable[[], object]] = {}
        self._root = contextvars.copy_context()
        self._dead: set[str] = set()
        self._stopped: dict[str, deque[tuple[Callable[..., object], tuple[object, ...]]]] = {}
        self._owned: defaultdict[str, set[asyncio.Task[Any]]] = defaultdict(set)

    def time(self) -> float:
        return self._virtual

    def select(self, timeout: float | None) -> list[object]:
        if timeout is None:
            raise Stuck
        self._virtual += timeout
        return []

    def kill(self, process: str) -> None:
        """As SIGKILL: its tasks end where they are, and their last words reach nobody."""
        self._dead.add(process)
        self._stopped.pop(process, None)
        for task in self._owned.pop(process, set()):
            task._log_destroy_pending = False  # type: ignore[attr-defined]
            for _ in range(9):  # a `finally` that would wait cannot, and what follows it neither
                with suppress(RuntimeError):
                    task.get_coro().close()  # type: ignore[union-attr]
                    break

    def stop_process(self, process: str) -> None:
        if process not in self._dead:
            self._stopped.setdefault(process, deque())

    def go_on(self, process: str) -> None:
        for callback, args in self._stopped.pop(process, ()):
            token = PROCESS.set(process)
            self.call_soon(callback, *args)
            PROCESS.reset(token)

    def call_soon(self, callback: Any, *args: Any, context: contextvars.Context | None = None) -> Any:
        owner = PROCESS.get() if context is None else context.get(PROCESS, "")
        return super().call_soon(self._step, owner, callback, args, context=context)

    def call_at(self, when: Any, callback: Any, *args: Any, context: contextvars.Context | None = None) -> Any:
        owner = PROCESS.get() if context is None else context.get(PROCESS, "")
        return super().call_at(when, self._step, owner, callback, args, context=context)

    def create_task(self, coro: Coroutine[Any, Any, Any], **more: Any) -> "asyncio.Task[Any]":
        context = more.get("context")
        owner = PROCESS.get() if context is None else context.get(PROCESS, "")
        task: asyncio.Task[Any] = super().create_task(coro, **more)
        self._owned[owner].add(task)
        task.add_done_callback(self._owned[owner].discard)
        return task

    def _step(self, owner: str, callback: Callable[..., object], args: tuple[object, ...]) -> None:
        self.steps += 1
        if (happens := self.at_step.pop(self.steps, None)) is not None:
            self._root.copy().run(happens)  # it belongs to nobody
        if owner in self._dead:
            return
        if owner in self._stopped:
            self._stopped[owner].append((callback, args))
            return
        callback(*args)

    def _process_events(self, _events: object) -> None:
        pass

    def _write_to_self(self) -> None:
        pass
