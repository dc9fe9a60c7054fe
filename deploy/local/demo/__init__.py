"""The demo: the whole system with a seeded community, on one machine.

Read `run` first: it says what happens in which order. The community itself lies in `community/`, one YAML file a kind;
organisations have a folder of their own.
"""
