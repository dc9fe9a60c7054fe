"""A real Apache Kafka 4.4 of one's own in a folder: one node that is broker and controller."""

import asyncio
import base64
import contextlib
import shutil
import signal
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.local import aot_cache
from deploy.local.errors import StackError
from deploy.local.kafka_jars import class_path, java_command
from deploy.local.ports import HOST, remembered_port
from deploy.local.processes import Child
from deploy.topics import broker_answers

SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "auto.create.topics.enable": "false",
    "default.replication.factor": "1",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    # One node: the usual 50 partitions of each would only delay the first group.
    "offsets.topic.num.partitions": "5",
    "transaction.state.log.num.partitions": "5",
    "group.initial.rebalance.delay.ms": "0",
    # After a kill the broker cannot come back before its old session has ended (usually 9 seconds).
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "300",
    "message.max.bytes": str(2 * 1024 * 1024),
}
_READY_SECONDS = 90.0
_FORMAT_SECONDS = 60.0


class Kafka:
    """The broker; stopped and started again it keeps data and port."""

    def __init__(
        self, folder: Path, settings: Mapping[str, str] | None = None, java_options: Sequence[str] | None = None
    ) -> None:
        """Nothing starts yet.

        Args:
            folder: The data folder of the run.
            settings: Broker settings that differ from ours.
            java_options: Instead of those that use the cache for fast starts.

        """
        self._run_folder = folder.resolve()
        self._folder = self._run_folder / "kafka"
        self._data = self._folder / "data"
        self._settings = {**SETTINGS, **(settings or {})}
        self._java_options = java_options
        self._child: Child | None = None
        self._port: int | None = None

    @property
    def bootstrap(self) -> str:
        """The address for clients."""
        return f"{HOST}:{self._port}"

    @property
    def pid(self) -> int:
        """The process of the broker."""
        assert self._child is not None, "not started"
        return self._child.pid

    async def start(self) -> None:
        """Fetch the jars and create the data the first time, start, and return when it answers.

        Raises:
            StackError: it does not start.
        """
        await asyncio.to_thread(class_path)
        if self._port is None:  # else clients know the port already
            self._port = remembered_port(self._folder / "port")
        if not self._data.exists():
            await self._format()
        options = aot_cache.options_to_use() if self._java_options is None else self._java_options
        try:
            await self._launch(options)
        except StackError:
            if self._java_options is not None or not options:
                raise
            aot_cache.discard()  # the one cause that a second try can cure
            await self._launch(())

    async def stop(self) -> None:
        """Stop in good order; nothing happens when it does not run."""
        if self._child is not None:
            await self._child.stop(grace=15)

    async def kill(self) -> None:
        """Stop as a crash would (kill -9)."""
        if self._child is not None:
            await self._child.kill()

    async def discard(self) -> None:
        """Stop it for good, and delete its data."""
        await self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def pause(self) -> None:
        """Stand still, as a machine under a long stop or behind a broken network would."""
        assert self._child is not None, "not started"
        self._child.send(signal.SIGSTOP)

    def resume(self) -> None:
        """Go on after `pause`."""
        assert self._child is not None, "not started"
        self._child.send(signal.SIGCONT)

    async def _launch(self, options: Sequence[str]) -> None:
        properties = self._write_properties(self._data)
        command = java_command([*options], ["kafka.Kafka", str(properties)])
        self._child = Child(self._run_folder, "kafka", command)
        try:
            await self._child.ready(self._answers, _READY_SECONDS)
        except BaseException:
            await self._child.kill()
            raise

    async def _format(self) -> None:
        draft = self._folder / "data.draft"  # renamed when whole: a run killed meanwhile leaves no half data
        shutil.rmtree(draft, ignore_errors=True)
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        properties = self._write_properties(draft)
        # Joined, since an id may begin with a dash.
        tool = ["kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "-c", str(properties)]
        child = Child(self._run_folder, "kafka-format", java_command([], tool))
        await child.finished(_FORMAT_SECONDS)
        draft.rename(self._data)

    def _write_properties(self, data: Path) -> Path:
        controller = remembered_port(self._folder / "controller-port")
        settings = {
            **self._settings,
            "listeners": f"PLAINTEXT://{self.bootstrap},CONTROLLER://{HOST}:{controller}",
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap}",
            "controller.quorum.voters": f"1@{HOST}:{controller}",
            "log.dirs": str(data),
        }
        file = self._folder / "server.properties"
        file.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        return file

    async def _answers(self) -> bool:
        try:
            _, writer = await asyncio.open_connection(HOST, self._port)
        except OSError:
            return False
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return await broker_answers(self.bootstrap)
