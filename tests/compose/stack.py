"""The compose file, brought up under a name, ports and secrets of its own: the containers of `make up`, not yours."""

import json
import os
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

from deploy.local.ports import HOST, free_port

PROJECT = Path(__file__).parents[2]
SERVICES = ("profiles", "matching", "events", "notify")
_NAME = "innovationsmotor-test-"
_HEALTHY_SECONDS = 180.0


class ComposeError(Exception):
    """A command failed; its text is what it said."""


class Compose:
    """The stack in containers; `up` starts it."""

    def __init__(self, secrets: Path) -> None:
        """Nothing starts yet.

        Args:
            secrets: The folder of its secrets, which `up` makes.

        """
        self.secrets = secrets
        self._keys: dict[str, str] = {}
        self.port, self.kafka_port, self.postgres_port = free_port(), free_port(), free_port()
        self.environment = {
            **{
                name: value
                for name, value in os.environ.items()
                if name not in {"RESET", "PUBLIC_ADDRESS", "OPERATOR", "MANAGER"}
            },
            "COMPOSE_PROJECT_NAME": f"{_NAME}{os.getpid()}",
            "SECRETS_DIR": str(secrets),
            "PORT": str(self.port),
            "KAFKA_PORT": str(self.kafka_port),
            "POSTGRES_PORT": str(self.postgres_port),
        }

    @property
    def address(self) -> str:
        """Where people and programs find everything; mails are below /mail."""
        return f"http://{HOST}:{self.port}"

    @property
    def bootstrap(self) -> str:
        """The broker, as seen from this machine."""
        return f"{HOST}:{self.kafka_port}"

    def dsn(self, service: str, database: str | None = None) -> str:
        """The database of a service as this machine sees it, with the service's own role."""
        url = urlsplit((self.secrets / f"{service}_dsn").read_text().strip())
        return f"postgresql://{url.username}:{url.password}@{HOST}:{self.postgres_port}/{database or service}"

    def token(self, actor: str) -> str:
        """The API key of `manager` or `operator`, issued when it is first asked for, as an operator does it."""
        if actor not in self._keys:
            email = f"{actor}@innovationsmotor.example"
            scopes = [f"--scope={service}:{what}" for service in SERVICES for what in ("read", "write")]
            said = self.accounts("key", email, "--name=tests", "--json", *scopes)
            self._keys[actor] = json.loads(said)["key"]
        return self._keys[actor]

    def accounts(self, *arguments: str) -> str:
        """Run the command line of profiles that lets people in."""
        return self.docker("exec", "-T", "profiles", "python", "-m", "services.profiles", "accounts", *arguments)

    def up(self, **environment: str) -> str:
        """Do what `make up` does, and return what it said.

        Raises:
            ComposeError: it failed.
        """
        return self.run("deploy/compose/up.sh", **environment)

    def down(self, **environment: str) -> str:
        """Do what `make down` does."""
        return self.run("deploy/compose/down.sh", **environment)

    def docker(self, *arguments: str) -> str:
        """Run `docker compose …`."""
        return self.run("docker", "compose", "--progress", "quiet", *arguments)

    def container(self, service: str) -> str:
        """The id of a container, of a job that has ended too."""
        return self.docker("ps", "--all", "--quiet", service).strip()

    def wait_healthy(self, service: str) -> None:
        """Wait until a container is healthy by its own check.

        Raises:
            TimeoutError: it does not become so.
        """
        deadline = time.monotonic() + _HEALTHY_SECONDS
        while (
            self.run("docker", "inspect", "--format", "{{.State.Health.Status}}", self.container(service))
            != "healthy\n"
        ):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{service} is not healthy after {_HEALTHY_SECONDS:.0f} s")
            time.sleep(0.3)

    def run(self, *command: str, **environment: str) -> str:
        """Run a command on this stack.

        Raises:
            ComposeError: it failed.
        """
        done = subprocess.run(
            command, cwd=PROJECT, env=self.environment | environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise ComposeError(f"{' '.join(command)}: {done.stdout}{done.stderr}")
        return done.stdout


def obstacle() -> str:
    """Why the compose file cannot run here though the Docker engine answers; empty when it can."""
    if not _succeeds("docker", "compose", "version"):
        return "Docker has no Compose plugin"
    names = subprocess.run(
        ("docker", "compose", "config", "--images"), cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout.split()
    base = next(
        line.split()[1] for line in (PROJECT / "deploy/Dockerfile").read_text().splitlines() if line[:4] == "FROM"
    )
    for image in sorted({base, *names} - {"innovationsmotor:local"}):
        if not (_succeeds("docker", "image", "inspect", image) or _succeeds("docker", "pull", "--quiet", image)):
            return f"the image {image} is not here and cannot be pulled"
    return ""


def remove_leftovers() -> None:
    """Remove what test runs left behind that were killed."""
    listed = subprocess.run(
        ("docker", "compose", "ls", "--all", "--quiet"), capture_output=True, text=True, check=True
    ).stdout.split()
    for name in listed:
        number = name.removeprefix(_NAME)
        if name != number and number.isdecimal() and not Path(f"/proc/{number}").exists():
            _succeeds("docker", "compose", "--project-name", name, "down", "--volumes", "--timeout", "1")


def _succeeds(*command: str) -> bool:
    return subprocess.run(command, cwd=PROJECT, capture_output=True, check=False).returncode == 0
