"""The events that cross a service border: data only.

One module per aggregate. Each event class *is* a CloudEvent: topic, type and schema stand on the class and
nowhere else. `registry.EVENTS` lists them all.
"""
