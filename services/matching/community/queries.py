"""What matching knows of the others, in the words of the engine."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import asyncpg

from services.matching.engine.types import Entry, Flow, Kind, Party
from shared.contracts.ideas import Idea
from shared.contracts.organisations import Entry as StatedEntry
from shared.contracts.organisations import Flow as StatedFlow
from shared.contracts.organisations import Organisation
from shared.runtime.database import Connection

SUMMARY = "summary"
"""Id of the entry that an organisation's summary is; the others have ids of their own."""

# Of some or of all; one statement for both would read all each time.
ORGANISATIONS = "SELECT id, doc FROM organisation WHERE NOT erased ORDER BY id"
SOME_ORGANISATIONS = "SELECT id, doc FROM organisation WHERE NOT erased AND id = ANY($1) ORDER BY id"
LOCK = "SELECT id FROM organisation WHERE id = ANY($1) ORDER BY id FOR UPDATE"
IDEAS = """
    SELECT (o.doc ->> 'organisation_id')::uuid AS owner, i.doc
    FROM idea_owner o JOIN idea i ON i.id = o.id
    WHERE NOT o.erased AND NOT i.erased AND i.doc ->> 'stage' IN ('posted', 'discussed')
    ORDER BY i.id
"""
SOME_IDEAS = IDEAS.replace("ORDER BY", "AND (o.doc ->> 'organisation_id')::uuid = ANY($1) ORDER BY")
OWNERS = "SELECT id, (doc ->> 'organisation_id')::uuid AS owner FROM idea_owner WHERE id = ANY($1) AND NOT erased"


@dataclass(frozen=True)
class Participant:
    """An organisation with its open ideas, as the newest events say."""

    organisation: Organisation
    ideas: tuple[Idea, ...]

    def party(self, today: date) -> Party:
        """Return it in the engine's words; what has expired by `today` is left out."""
        organisation = self.organisation
        entries = [
            *(_stated("need", need) for need in organisation.needs if _lasts(need, today)),
            *(_stated("offer", offer) for offer in organisation.offers if _lasts(offer, today)),
            *(_posted(idea) for idea in self.ideas),
        ]
        if summary := organisation.summary or organisation.summary_en:
            language = "de" if organisation.summary else "en"
            fields = ((SUMMARY, summary),)
            entries.append(Entry(SUMMARY, organisation.summary_version, "summary", fields, language=language))
        return Party(
            str(organisation.organisation_id),
            frozenset(organisation.clusters),
            frozenset((consent.cluster, consent.purpose) for consent in organisation.consents),
            tuple(entries),
            kind=organisation.kind,
            size=organisation.size,
            country=organisation.country,
            region=organisation.region,
            location=_location(organisation),
            industries=organisation.industries,
            languages=organisation.languages,
            flows=tuple(_flow(flow) for flow in organisation.flows),
        )

    def idea(self, idea_id: UUID) -> Idea | None:
        """Return one of its open ideas, None if it has no such one."""
        return next((idea for idea in self.ideas if idea.idea_id == idea_id), None)

    def text(self, entry_id: str, version: int, field: str) -> str | None:
        """Return a field of one of its entries, None if it is gone or has another version by now."""
        for entry in self.party(date.min).entries:
            if entry.id == entry_id and entry.version == version:
                return dict(entry.fields).get(field)
        return None


async def participants(connection: Connection, ids: Iterable[UUID] | None = None) -> dict[UUID, Participant]:
    """Return the organisations with these ids, or all; erased and unknown ones are missing."""
    if ids is None:
        return _joined(await connection.fetch(ORGANISATIONS), await connection.fetch(IDEAS))
    wanted = list(ids)
    return _joined(await connection.fetch(SOME_ORGANISATIONS, wanted), await connection.fetch(SOME_IDEAS, wanted))


def _joined(organisations: Sequence[asyncpg.Record], posted: Sequence[asyncpg.Record]) -> dict[UUID, Participant]:
    ideas: dict[UUID, list[Idea]] = {}
    for row in posted:
        ideas.setdefault(row["owner"], []).append(Idea.model_validate_json(row["doc"]))
    return {
        row["id"]: Participant(Organisation.model_validate_json(row["doc"]), tuple(ideas.get(row["id"], ())))
        for row in organisations
    }


async def locked_participants(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Participant]:
    """Return organisations as `participants` does, locked to the end of the transaction, always in one order."""
    await connection.execute(LOCK, list(ids))
    return await participants(connection, ids)


async def owners_of(connection: Connection, ideas: Sequence[UUID]) -> dict[UUID, UUID]:
    """Return the organisations behind ideas; one that is not known yet, or was erased, is missing."""
    return {row["id"]: row["owner"] for row in await connection.fetch(OWNERS, ideas)} if ideas else {}


def _stated(kind: Kind, entry: StatedEntry) -> Entry:
    return Entry(
        str(entry.entry_id),
        entry.version,
        kind,
        (("title", entry.title), ("text", entry.text)),
        members=entry.visibility == "clusters",
        category=entry.kind,
        trl=entry.trl,
        partner_kinds=entry.partner_kinds,
        partner_sizes=entry.partner_sizes,
        partner_regions=entry.partner_regions,
        language=entry.language,
    )


def _posted(idea: Idea) -> Entry:
    return Entry(
        str(idea.idea_id),
        idea.text_version,
        "idea",
        (("title", idea.title), ("text", idea.text)),
        members=idea.visibility == "clusters",
        partner_kinds=idea.wanted_partners,
        language=idea.language,
    )


def _flow(flow: StatedFlow) -> Flow:
    return Flow(
        str(flow.flow_id),
        flow.version,
        flow.direction,
        flow.substance,
        flow.tonnes_per_year,
        cas=flow.cas,
        purity=flow.purity,
        region=flow.region,
        note=flow.note,
    )


def _location(organisation: Organisation) -> tuple[float, float] | None:
    latitude, longitude = organisation.latitude, organisation.longitude
    return None if latitude is None or longitude is None else (latitude, longitude)


def _lasts(entry: StatedEntry, today: date) -> bool:
    return entry.expires_on is None or entry.expires_on >= today
