"""Apache Kafka in a container: one node that is broker and controller, with the settings of the embedded one."""

from collections.abc import Mapping

from deploy.containers.engine import KAFKA_IMAGE
from deploy.containers.server import ContainerServer
from deploy.local.kafka import SETTINGS
from deploy.local.ports import HOST, free_port
from deploy.topics import broker_answers

_CONTROLLER = "localhost:9093"
_JAVA = {
    # As the embedded one: tests start brokers more often than they load them.
    "KAFKA_HEAP_OPTS": "-Xmx512m",
    "KAFKA_JVM_PERFORMANCE_OPTS": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:+ExitOnOutOfMemoryError",
}


class Kafka(ContainerServer):
    """The broker; stopped and started again it keeps data and port."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        """Nothing starts yet; the settings are those that differ from ours."""
        port = free_port()
        self.bootstrap = f"{HOST}:{port}"
        everything = {
            **SETTINGS,
            **settings,
            # The same port inside as outside: the broker, too, finds itself at the address that it tells its clients.
            "listeners": f"PLAINTEXT://:{port},CONTROLLER://{_CONTROLLER}",
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap}",
            "controller.quorum.voters": f"1@{_CONTROLLER}",
            "log.dirs": "/var/lib/kafka/data",
        }
        # How the image wants them.
        variables = {f"KAFKA_{name.upper().replace('.', '_')}": value for name, value in everything.items()}
        super().__init__(KAFKA_IMAGE, (port, port), variables | _JAVA)

    async def answers(self) -> bool:
        """Whether it serves requests."""
        return await broker_answers(self.bootstrap)
