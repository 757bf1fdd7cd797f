"""A whole installation in a folder, while nothing of it runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from services.commands.builders import BUILDERS
from services.commands.installation import NotPossible, keyring_of
from services.commands.migrate import databases
from services.domain.sealing import Keyring
from services.kernel.database import files
from services.kernel.eventlog_url import open_log
from services.kernel.lock import FileLock, Held
from services.kernel.settings import Settings
from services.kernel.surroundings import real


def of(folder: Path, name: str) -> Path:
    return folder / f"{name}.db"


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """No service has these files open, or opens them meanwhile. NotPossible."""
    if missing := [name for name, _ in databases() if not of(folder, name).exists()]:
        raise NotPossible(
            f"{folder} 中没有 {missing[0]}.db，这不是一个完整的数据目录。"
            f"/ There is no {missing[0]}.db in {folder}: this is no whole data folder."
        )
    locks = [FileLock(folder / f"{name}.db.lock") for name in BUILDERS]
    try:
        for lock in locks:
            lock.acquire()
        yield
    except Held:
        raise NotPossible(
            f"旧系统正在使用 {folder}，请先停止它。/ The old system is using {folder}: stop it first."
        ) from None
    finally:
        for lock in locks:
            lock.release()


def check(folder: Path) -> None:
    """StoreUnusable unless all tables are those of this program."""
    for name, histories in databases():
        files.check(of(folder, name), histories)


def same_keys(settings: Settings, folder: Path) -> None:
    """NotPossible when the key ring cannot open what was sealed with the one in the folder."""
    kept = folder / "keyring.json"
    if not kept.exists():
        return
    ours = keyring_of(settings).rings
    for audience, ring in Keyring.load(kept).rings.items():
        known = ours[audience].keys if audience in ours else {}
        if any(known.get(key_id) != key for key_id, key in ring.keys.items()):
            raise NotPossible(
                f"密钥环 {settings.keyring} 缺少 {kept} 中的密钥，封存的内容将无法打开；请先复制它。"
                f"/ The key ring {settings.keyring} lacks keys of {kept}, and what they sealed would stay "
                "closed: copy it first."
            )


async def heard_of_late(folder: Path, retention: timedelta) -> None:
    """NotPossible while a service has yet to hear something that the outboxes may keep no longer."""
    now = real().now()
    log = await open_log(f"sqlite:///{folder / 'log.db'}")
    try:
        for name in BUILDERS:
            follower = await log.follow(name)
            for entry in await follower.fetch(1, 0):
                if entry.record and now - datetime.fromisoformat(entry.record.at) > retention:
                    raise NotPossible(
                        f"{name} 还有很久以前的事件没有处理，请先启动旧系统，等它处理完再迁移。"
                        f"/ {name} has yet to hear events of long ago: start the old system, and move once "
                        "/operations shows that nothing waits."
                    )
    finally:
        await log.close()
