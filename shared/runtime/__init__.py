"""What every service is made of: event store, commands, outbox relay, consumers, parking, service shell.

It knows the envelope of public events and no concrete one. Read `decider`, `commands`, `outbox`, `consumer` in this
order to follow a change from a request to the read model of another service, then `effects` for what must happen once,
and `lifecycle` for how it all starts and stops.
"""
