"""Becomes another program that the system ends when the program that started it ends, even by kill -9 (Linux).

Run as a script of its own, `python -I -S bound.py PARENT SIGNAL COMMAND...`: between fork and exec of a large process,
Python code is not safe; after exec it is. It costs some 15 ms and leaves no process of its own behind.
"""

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Ask for the signal, then give way to the command."""
    parent, signal = int(sys.argv[1]), int(sys.argv[2])
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal, 0, 0, 0)
    if os.getppid() != parent:  # it ended before we had asked
        sys.exit(1)
    os.execvp(sys.argv[3], sys.argv[3:])  # noqa: S606 - becoming the command is the purpose


if __name__ == "__main__":
    main()
