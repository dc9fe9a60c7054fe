"""Words that several contracts share, and that stand for nothing but themselves."""

from typing import Annotated, Literal

from pydantic import StringConstraints

Cluster = Literal["chemistry", "environment"]
Language = Literal["de", "en"]
Role = Literal["member", "manager", "operator", "integrator"]

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:+-]{0,99}$")]
"""A name that a program gives: no spaces, so nobody can write a sentence, or their name, into it."""
