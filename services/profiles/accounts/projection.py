"""From an account's change to the rights that count here at once, and to what the other services learn."""

from collections.abc import Sequence

from services.profiles.accounts.domain import State
from shared.contracts import access as contract
from shared.contracts.rights import Rights
from shared.runtime.commands import Change
from shared.runtime.database import Connection
from shared.runtime.projection import write
from shared.runtime.publication import Publication

CLOSE = "DELETE FROM account WHERE id = $1"
REPORT_NOTHING = "DELETE FROM report WHERE reporter = $1::uuid::text"
SEND_NOTHING = "DELETE FROM upload WHERE account = $1::uuid::text"
FOLLOW_NOTHING = "DELETE FROM follow WHERE account = $1::uuid::text"


async def project(connection: Connection, change: Change[State]) -> None:
    """Write the rights, with the command; of a closed account nothing is left that says whose it was."""
    [publication] = publish(change)
    await write(connection, "access", [(change.id, publication.data)])
    if publication.data.erased:
        await connection.execute(CLOSE, change.id)
        await connection.execute(FOLLOW_NOTHING, change.id)
        await connection.execute(REPORT_NOTHING, change.id)
        await connection.execute(SEND_NOTHING, change.id)


def publish(change: Change[State]) -> Sequence[Publication]:
    """Tell the other services what the account may do."""
    rights, epoch, version = change.state, change.epoch, change.public_version
    if not isinstance(rights, Rights):
        closed = contract.AccountClosed(account_id=change.id, epoch=epoch, version=version)
        return [Publication(contract.AccessClosed, change.id, closed)]
    access = contract.Access(account_id=change.id, epoch=epoch, version=version, **dict(rights))
    return [Publication(contract.AccessUpdated, change.id, access)]
