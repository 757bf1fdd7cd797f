"""An event loop on virtual time whose processes can be killed or stopped at any await.

Whatever a task does belongs to the process in whose context it was made. Nothing of a dead process ever
runs again; what a stopped one would have done waits until it goes on. Nothing sleeps: time jumps to the next
timer.
"""

import asyncio
import contextvars
from collections import defaultdict, deque
from collections.abc import Callable
from contextlib import suppress
from contextvars import Context
from dataclasses import dataclass
from typing import Any

Callback = Callable[..., object]
PROCESS: contextvars.ContextVar[str] = contextvars.ContextVar("process", default="")


class Stuck(Exception):
    """Nothing is left to do, and nothing will ever come."""


@dataclass(slots=True)
class Step:
    """What a process is to do next; its handle may be cancelled until it is done, also while it waits."""

    context: Context
    callback: Callback
    args: tuple[Any, ...]
    handle: asyncio.Handle | None = None


class VirtualLoop(asyncio.BaseEventLoop):
    """`at_step` maps a step's number to what is to happen before it."""

    def __init__(self) -> None:
        super().__init__()
        self._selector = self
        self._virtual, self.steps = 0.0, 0
        self.at_step: dict[int, Callable[[], object]] = {}
        self._root = contextvars.copy_context()
        self._dead: set[str] = set()
        self._stopped: dict[str, deque[Step]] = {}
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
                    task.get_coro().close()
                    break

    def stop_process(self, process: str) -> None:
        if process not in self._dead:
            self._stopped.setdefault(process, deque())

    def go_on(self, process: str) -> None:
        for step in self._stopped.pop(process, ()):
            super().call_soon(self._do, step, context=step.context)

    def call_soon(  # type: ignore[override]
        self, callback: Callback, *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        step = Step(contextvars.copy_context() if context is None else context, callback, args)
        step.handle = super().call_soon(self._do, step, context=step.context)
        return step.handle

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callback, *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        step = Step(contextvars.copy_context() if context is None else context, callback, args)
        step.handle = handle = super().call_at(when, self._do, step, context=step.context)
        return handle

    def create_task(self, coro: Any, *, name: Any = None, context: Context | None = None) -> Any:
        owner = PROCESS.get() if context is None else context.get(PROCESS, "")
        task: asyncio.Task[Any] = super().create_task(coro, name=name, context=context)
        self._owned[owner].add(task)
        task.add_done_callback(self._owned[owner].discard)
        return task

    def _do(self, step: Step) -> None:
        self.steps += 1
        if (happens := self.at_step.pop(self.steps, None)) is not None:
            self._root.copy().run(happens)  # it belongs to nobody
        owner = step.context.get(PROCESS, "")
        if owner in self._stopped:
            self._stopped[owner].append(step)
        elif owner not in self._dead and step.handle is not None and not step.handle.cancelled():
            step.callback(*step.args)

    def _process_events(self, _events: object) -> None:
        pass

    def _write_to_self(self) -> None:
        pass
