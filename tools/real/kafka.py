"""A real Apache Kafka on 127.0.0.1: one node or three, KRaft, on free ports, stopped by process id.

For tests, and for `make up-scaled`, which keeps its data. Each node listens in the clear (`bootstrap`) and
under TLS with SASL/SCRAM (`secure`). The kernel ends the nodes with the thread that started them, so that a
killed run leaves none behind.
"""

import base64
import shutil
import signal
import socket
import subprocess
import uuid
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tools.real.certificates import issue
from tools.real.kafka_jars import exclusive, jars
from tools.real.kafka_node import PASSWORD, SERVER, USER, Node, java, properties


class Cluster:
    """`with Cluster(folder, nodes=3) as kafka: kafka.bootstrap`. NoKafka where it cannot run.

    kept: what the folder holds from before is used again, and the nodes get time to end.
    asked: topics are made by being asked for, so that a client of ours that does so is found out.
    lasting: made for load, not for a quick start (as kept is).
    """

    def __init__(
        self, folder: Path, nodes: int = 1, *, kept: bool = False, lasting: bool = False, asked: bool = True
    ) -> None:
        self.folder, self.libs, self._asked = folder.resolve(), jars(), asked
        self._kept, self._lasting = kept, kept or lasting
        self._classes = self.libs.with_name(f"{self.libs.name}.jsa")
        self.ca, self._server = issue(folder)
        ports = iter(_free_ports(3 * nodes))
        self.nodes = [
            Node(n, folder / f"node{n}", next(ports), next(ports), next(ports)) for n in range(1, nodes + 1)
        ]

    @property
    def bootstrap(self) -> str:
        return ",".join(f"127.0.0.1:{node.clear}" for node in self.nodes)

    @property
    def secure(self) -> str:
        return ",".join(f"127.0.0.1:{node.secure}" for node in self.nodes)

    @property
    def pids(self) -> list[int]:
        return [node.process.pid for node in self.nodes if node.process is not None]

    def __enter__(self) -> Self:
        try:
            self.begin()
            for node in self.nodes:
                node.wait()
        except BaseException:
            self.stop()
            raise
        return self

    def begin(self) -> None:
        """Start every node, in the main thread; `wait` until they listen."""
        self._format()
        for node in self.nodes:
            self.start(node.number)

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        if len(self.nodes) == 1 and not self._classes.exists():
            self._keep_classes(self.nodes[0])
        for node in self.nodes:
            node.end() if self._kept else node.kill()

    def kill(self, number: int = 1) -> None:
        """As a power cut would: SIGKILL. The files stay for `start`."""
        self.nodes[number - 1].kill()

    def start(self, number: int = 1) -> None:
        """Start a node, in the main thread: it ends with the thread that started it."""
        command = self.libs, self._classes, SERVER, "server.properties"
        self.nodes[number - 1].spawn(java(*command, lasting=self._lasting))

    def wait(self, number: int = 1) -> None:
        """Until the node listens."""
        self.nodes[number - 1].wait()

    def lose(self, number: int = 1) -> None:
        """The node, which must not run, forgets everything; it can be started again."""
        shutil.rmtree(self.nodes[number - 1].folder / "data")
        self._format()

    def freeze(self, number: int = 1) -> None:
        """The node keeps its connections and answers nothing until `thaw`."""
        self.nodes[number - 1].signal(signal.SIGSTOP)

    def thaw(self, number: int = 1) -> None:
        self.nodes[number - 1].signal(signal.SIGCONT)

    def _keep_classes(self, node: Node) -> None:
        """Only a JVM that ends by itself writes its archive of classes."""
        if node.process is not None and node.process.poll() is None:
            node.process.terminate()
            with suppress(subprocess.TimeoutExpired, OSError):
                node.process.wait(30)
                (node.folder / "classes.jsa").rename(self._classes)

    def _format(self) -> None:
        """Give the nodes their empty stores, with the user of the secure listener in them.

        Formatting takes a JVM per node, so its result is kept beside the jars and copied from there.
        """
        for node in self.nodes:
            node.folder.mkdir(parents=True, exist_ok=True)
            (node.folder / "server.properties").write_text(
                properties(node, self.nodes, self._server, asked=self._asked)
            )
        kept = self.libs.with_name(f"{self.libs.name}-formatted-{len(self.nodes)}")
        with exclusive():
            if not kept.exists():
                self._format_once(kept.with_name(f"{kept.name}.part")).rename(kept)
        for node in self.nodes:
            if not (node.folder / "data").exists():
                shutil.copytree(kept / node.folder.name, node.folder / "data")

    def _format_once(self, kept: Path) -> Path:
        scram = f"SCRAM-SHA-512=[name={USER},password={PASSWORD}]"
        tool = ("kafka.tools.StorageTool", "format", "-c", "server.properties", "-t", _cluster_id())
        command = java(self.libs, self._classes, *tool, "--add-scram", scram)
        running = [
            subprocess.Popen(command, cwd=node.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            for node in self.nodes
        ]
        for process in running:
            said, _ = process.communicate(timeout=240)
            if process.returncode:
                raise RuntimeError(said.decode(errors="replace"))
        shutil.rmtree(kept, ignore_errors=True)
        for node in self.nodes:
            shutil.move(node.folder / "data", kept / node.folder.name)
        return kept


def _cluster_id() -> str:
    """22 characters of base64url; a leading '-' would be taken for an option."""
    while True:
        drawn = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not drawn.startswith("-"):
            return drawn


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()
