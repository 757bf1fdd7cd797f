"""Every table of an adapter, with the history of their versions."""

from pathlib import Path
from typing import Final

from services.kernel.database.schema import History
from services.kernel.tasks.compared import TaskComparison, TaskDifference
from services.kernel.tasks.documents import TaskDocument
from services.kernel.tasks.models import Task, TaskMessage
from services.kernel.tasks.reveals import TaskReveal
from services.kernel.tasks.workers import TaskPayment, TaskWorker

HISTORY: Final = History(
    "tasks",
    (
        Task,
        TaskMessage,
        TaskReveal,
        TaskWorker,
        TaskPayment,
        TaskDocument,
        TaskComparison,
        TaskDifference,
    ),
    Path(__file__).parent / "migrations",
)
