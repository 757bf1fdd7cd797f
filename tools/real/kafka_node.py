"""One node of a Kafka on this machine: its ports, its settings and its JVM."""

import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tools.real.kafka_jars import LOGGING
from tools.real.parent import ends_with_parent

USER, PASSWORD = "yikou", "sealed-8c1f"
SERVER: Final = "kafka.Kafka"
HEAP: Final = "128m"  # as fast as 512m under a test's load
QUICK: Final = ("-XX:TieredStopAtLevel=1",)  # starts sooner, and costs a third more under load
JVM: Final = (
    "-XX:+UseSerialGC", "-Xss512k", "-XX:-UsePerfData", "-Xshare:auto",
    "-Dkafka.logs.dir=.", "-Djava.awt.headless=true", "-Djava.net.preferIPv4Stack=true",
    f"-Dlog4j2.configurationFile={LOGGING}",
)  # fmt: skip
# Small, and quick to fail over: the defaults are 9 s, 2 s and 1 s, and six seconds for a silent member.
TUNING: Final = {
    "unclean.leader.election.enable": "false",
    "offsets.topic.num.partitions": 4, "transaction.state.log.num.partitions": 4,
    "share.coordinator.state.topic.num.partitions": 1, "num.network.threads": 2, "num.io.threads": 2,
    "log.cleaner.dedupe.buffer.size": 4 << 20, "log.cleaner.io.buffer.size": 65536,
    "group.initial.rebalance.delay.ms": 0, "group.min.session.timeout.ms": 500,
    "broker.session.timeout.ms": 3000, "broker.heartbeat.interval.ms": 500,
    "controller.quorum.election.timeout.ms": 500, "controller.quorum.fetch.timeout.ms": 1000,
    "controller.quorum.election.backoff.max.ms": 500, "replica.lag.time.max.ms": 5000,
}  # fmt: skip


@dataclass
class Node:
    """`clear`, `secure` (TLS with SASL/SCRAM) and `controller` are ports on 127.0.0.1.

    `advertised`: where clients in the clear are told to come, if it is not `clear` (a proxy).
    """

    number: int
    folder: Path
    clear: int
    secure: int
    controller: int
    advertised: int = 0
    process: "subprocess.Popen[bytes] | None" = None

    def spawn(self, command: list[str]) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=self.folder, stdout=log, stderr=log, start_new_session=True,
                preexec_fn=ends_with_parent(signal.SIGKILL),
            )  # fmt: skip

    def signal(self, what: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(what)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    @property
    def ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def end(self, seconds: float = 30) -> None:
        """Ask it to write everything down and end; killed when it does not."""
        self.signal(signal.SIGTERM)
        try:
            if self.process is not None:
                self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def wait(self, seconds: float = 60) -> None:
        """Until it listens."""
        deadline = time.monotonic() + seconds
        waiting = [self.clear, self.secure]
        while waiting:
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", waiting[0]), 0.5).close()
                del waiting[0]
                continue
            if self.ended or time.monotonic() > deadline:
                raise RuntimeError((self.folder / "log").read_text(errors="replace")[-3000:])
            time.sleep(0.05)


def java(libs: Path, classes: Path, main: str, *arguments: str, lasting: bool = False) -> list[str]:
    """The command; `classes` is an archive that makes a start three times as fast, when it is there.

    lasting: for a server that runs longer than a test.
    """
    jvm = JVM if lasting else (*JVM, *QUICK)
    if classes.exists():
        jvm = (*jvm, f"-XX:SharedArchiveFile={classes}")
    elif main == SERVER:  # of any other program it would be made in vain
        jvm = (*jvm, "-XX:ArchiveClassesAtExit=classes.jsa")
    return ["java", f"-Xmx{HEAP}", *jvm, "-cp", f"{libs}/*", main, *arguments]


def properties(node: Node, nodes: Sequence[Node], server: Path, *, asked: bool = True) -> str:
    """The node's server.properties; `server` holds its key and certificate.

    asked: topics may be made by being asked for; in production they may not.
    """
    copies, safe = (3, 2) if len(nodes) >= 3 else (1, 1)
    every = TUNING | {
        "auto.create.topics.enable": str(asked).lower(),
        "process.roles": "broker,controller", "node.id": node.number,
        "controller.quorum.voters": ",".join(f"{n.number}@127.0.0.1:{n.controller}" for n in nodes),
        "listeners": f"CLEAR://127.0.0.1:{node.clear},SECURE://127.0.0.1:{node.secure},"
                     f"CONTROLLER://127.0.0.1:{node.controller}",
        "advertised.listeners": f"CLEAR://127.0.0.1:{node.advertised or node.clear},SECURE://127.0.0.1:{node.secure}",
        "listener.security.protocol.map": "CLEAR:PLAINTEXT,SECURE:SASL_SSL,CONTROLLER:PLAINTEXT",
        "controller.listener.names": "CONTROLLER", "inter.broker.listener.name": "CLEAR",
        "ssl.keystore.type": "PEM", "ssl.keystore.location": server,
        "sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "listener.name.secure.scram-sha-512.sasl.jaas.config":
            "org.apache.kafka.common.security.scram.ScramLoginModule required;",
        "log.dirs": node.folder / "data", "default.replication.factor": copies,
        "min.insync.replicas": safe, "offsets.topic.replication.factor": copies,
        "transaction.state.log.replication.factor": copies, "transaction.state.log.min.isr": safe,
        "share.coordinator.state.topic.replication.factor": copies,
        "share.coordinator.state.topic.min.isr": safe,
    }  # fmt: skip
    return "".join(f"{key}={value}\n" for key, value in every.items())
