"""From an organisation's change to its row here, and to what the other services learn."""

from collections.abc import Sequence
from typing import Any

from services.profiles.directory.spelling import forget_words
from services.profiles.directory.texts import searched
from services.profiles.organisations.domain import Erased, Organisation, State
from shared.contracts.organisations import OrganisationErased, ProfileErased, ProfileUpdated, ProfileUpdatedData
from shared.runtime.commands import Change
from shared.runtime.database import Connection
from shared.runtime.publication import Publication

UPSERT = """
    INSERT INTO organisation (
        id, version, name, clusters, unverified, doc, kind, size, region, called, words, words_within
    ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
    ON CONFLICT (id) DO UPDATE
        SET version = excluded.version, name = excluded.name, clusters = excluded.clusters,
            unverified = excluded.unverified, doc = excluded.doc, kind = excluded.kind, size = excluded.size,
            region = excluded.region, called = excluded.called, words = excluded.words,
            words_within = excluded.words_within
"""
DELETE = "DELETE FROM organisation WHERE id = $1"


async def project(connection: Connection, change: Change[State]) -> None:
    """Write the organisation's row, in the transaction of the command; an erased one has none."""
    if isinstance(change.state, Erased):
        await forget_words(connection, change.id)
        await connection.execute(DELETE, change.id)
    else:
        await connection.execute(UPSERT, *_row(change))


async def project_all(connection: Connection, changes: Sequence[Change[State]]) -> None:
    """Write the rows of many organisations, of which none is erased, in one round trip."""
    await connection.executemany(UPSERT, [_row(change) for change in changes])


def _row(change: Change[State]) -> tuple[Any, ...]:
    organisation = change.state
    assert isinstance(organisation, Organisation)
    about, said = organisation.description, searched(organisation)
    return (
        *(change.id, change.version, about.name),
        *(organisation.verified, organisation.unverified, organisation.model_dump_json()),
        *(about.kind, about.size, about.region, said.called, said.words, said.words_within),
    )


def publish(change: Change[State]) -> Sequence[Publication]:
    """Tell the other services everything that they may know about the organisation, or that it was erased."""
    organisation = change.state
    if isinstance(organisation, Erased):
        end = OrganisationErased(epoch=change.epoch, version=change.public_version, organisation_id=change.id)
        return [Publication(ProfileErased, change.id, end)]
    assert isinstance(organisation, Organisation)
    before = _public(change.before) if isinstance(change.before, Organisation) else {}
    after = _public(organisation)
    data = ProfileUpdatedData(
        epoch=change.epoch,
        version=change.public_version,
        organisation_id=change.id,
        summary_version=organisation.summary_version,
        # What is empty is as if it were not there.
        changes=tuple(sorted(name for name in after if (before.get(name) or None) != (after[name] or None))),
        **after,
    )
    return [Publication(ProfileUpdated, change.id, data)]


def _public(organisation: Organisation) -> dict[str, Any]:
    """Return what others may know of an organisation: only memberships that were vouched for, consents that count."""
    return {
        **dict(organisation.description),
        "clusters": organisation.verified,
        "unverified": organisation.unverified,
        "consents": organisation.counting,
        "objections": organisation.objections,
        "needs": organisation.needs,
        "offers": organisation.offers,
        "flows": organisation.flows,
    }
