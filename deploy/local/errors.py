class StackError(Exception):
    """The stack cannot run. The text says what, why and what to do, and is meant for a person."""

    exit_code = 1


class PortInUseError(StackError):
    """The public port belongs to another program; only the person at the keyboard can choose another."""

    exit_code = 2
