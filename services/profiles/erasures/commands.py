"""What can be erased: an organisation with all that is its own, an idea, an account. One transaction, one receipt."""

from typing import Final, Literal
from uuid import UUID, uuid4

from services.profiles.accounts.commands import ACCOUNT
from services.profiles.accounts.domain import ChangeGrant, CloseAccount, Grant
from services.profiles.comments.commands import erase_comments
from services.profiles.contacts.commands import erase_contact
from services.profiles.erasures import queries
from services.profiles.ideas.commands import IDEA, end_merges
from services.profiles.ideas.domain import EraseIdea
from services.profiles.interests.commands import end_interests
from services.profiles.organisations.commands import ORGANISATION
from services.profiles.organisations.domain import Erase
from shared.contracts.envelope import Content
from shared.contracts.rights import Rights
from shared.runtime.commands import Answer, Commands, Request, Unit
from shared.runtime.erasure import erase, note
from shared.runtime.http import Desk
from shared.runtime.refusals import NotFound

Kind = Literal["organisation", "idea", "account"]

# First of all, since imports hold it when they meet the stream: so neither waits for the other for ever.
LOCK_KEYS = "LOCK TABLE external_key IN SHARE ROW EXCLUSIVE MODE"
CUT_KEYS = "UPDATE external_key SET key = erased_key(key) WHERE organisation_id = $1"
# What is just being written about it comes first, and is erased as well.
LOCK = "SELECT FROM organisation WHERE id = $1 FOR UPDATE"
LOCK_IDEA = "SELECT FROM idea WHERE id = $1 FOR UPDATE"
# A row and no stream: so that answers can be forgotten.
FORGET_ANSWERS = "DELETE FROM survey_invitation WHERE organisation_id = $1"
FORGET_REPORTS = "DELETE FROM report WHERE organisations @> ARRAY[$1::uuid]"
FORGET_QUESTIONS = "DELETE FROM confirmation WHERE organisation_id = $1"
# A list that a manager is about to import may name it, in bytes that nobody can look into.
FORGET_UPLOADS = """
    DELETE FROM upload WHERE cluster IN (
        SELECT unnest(clusters) FROM organisation WHERE id = $1 UNION
        SELECT source FROM external_key WHERE organisation_id = $1
    )
"""
IDEAS = "SELECT id FROM idea WHERE organisation_id = $1 ORDER BY id FOR UPDATE"
ACCOUNTS = """
    SELECT access.id, access.doc FROM access JOIN account ON account.id = access.id
    WHERE NOT access.erased AND access.doc -> 'organisations' @> to_jsonb($1::uuid::text)
    ORDER BY access.id FOR UPDATE
"""

_CONTACT_TEXTS: Final = 3


class Wish(Content):
    """What shall be erased."""

    kind: Kind
    id: UUID


async def fulfil(desk: Desk, wish: Wish) -> Answer:
    """Erase for one who may; the answer names the receipt.

    Raises:
        NotFound: there is no such thing, or no more.
        Forbidden: it is someone else's.
    """
    receipt = uuid4()

    async def work(unit: Unit) -> Answer:
        await queries.require_may_erase(unit.connection, desk.actor, wish.kind, wish.id)
        await _erase(unit, receipt, wish)
        return Answer(201, receipt, 0)

    return await desk.commands.run(desk.request, work)


async def erase_again(commands: Commands, request: Request, wish: Wish) -> bool:
    """Erase what an older store has back; return whether there was anything to erase."""
    receipt = uuid4()

    async def work(unit: Unit) -> Answer:
        erased = await _erase(unit, receipt, wish)
        return Answer(201 if erased else 200, receipt, 0)

    try:
        return (await commands.run(request, work)).status == 201  # noqa: PLR2004
    except NotFound:  # the older store never knew it
        return False


async def _erase(unit: Unit, receipt: UUID, wish: Wish) -> bool:
    work = {"organisation": _erase_organisation, "idea": _erase_idea, "account": _erase_account}[wish.kind]
    return await work(unit, receipt, wish.id)


async def _erase_organisation(unit: Unit, receipt: UUID, organisation_id: UUID) -> bool:
    connection = unit.connection
    await connection.execute(LOCK_KEYS)
    await connection.execute(LOCK, organisation_id)
    ideas = [row["id"] for row in await connection.fetch(IDEAS, organisation_id)]
    await end_merges(unit, ideas)
    for idea_id in ideas:
        await _forget_idea(unit, receipt, idea_id)
    said = await _erase_responses(unit, organisation_id)
    await _erase_contact(unit, receipt, organisation_id)
    await _end_accounts(unit, receipt, organisation_id)
    await connection.execute(CUT_KEYS, organisation_id)
    await connection.execute(FORGET_ANSWERS, organisation_id)
    await connection.execute(FORGET_REPORTS, organisation_id)
    await connection.execute(FORGET_QUESTIONS, organisation_id)
    await connection.execute(FORGET_UPLOADS, organisation_id)
    texts = await erase(unit, ORGANISATION, organisation_id, Erase())
    if texts is None:
        return False
    await note(unit, receipt, "organisation", organisation_id, texts + said)
    return True


async def _erase_idea(unit: Unit, receipt: UUID, idea_id: UUID) -> bool:
    await unit.connection.execute(LOCK_IDEA, idea_id)
    await end_merges(unit, [idea_id])
    return await _forget_idea(unit, receipt, idea_id)


async def _forget_idea(unit: Unit, receipt: UUID, idea_id: UUID) -> bool:
    said = await _erase_responses(unit, idea_id)
    texts = await erase(unit, IDEA, idea_id, EraseIdea())
    if texts is None:
        return False
    await note(unit, receipt, "idea", idea_id, texts + said)
    return True


async def _erase_account(unit: Unit, receipt: UUID, account_id: UUID) -> bool:
    change = await unit.decide(ACCOUNT, account_id, CloseAccount())
    if change.events:
        await note(unit, receipt, "account", account_id, 1)
    return bool(change.events)


async def _erase_responses(unit: Unit, about: UUID) -> int:
    """Erase what others said to an idea, or what an organisation said to those of others."""
    await end_interests(unit, about)
    return await erase_comments(unit, about)


async def _erase_contact(unit: Unit, receipt: UUID, organisation_id: UUID) -> None:
    contact_id = await erase_contact(unit, organisation_id)
    if contact_id is not None:
        await note(unit, receipt, "contact", contact_id, _CONTACT_TEXTS)


async def _end_accounts(unit: Unit, receipt: UUID, organisation_id: UUID) -> None:
    """Close the accounts that act for this organisation alone; the others act for it no more."""
    for row in await unit.connection.fetch(ACCOUNTS, organisation_id):
        rights = Rights.model_validate_json(row["doc"])
        others = tuple(one for one in rights.organisations if one != organisation_id)
        if others or rights.clusters:
            grant = Grant(role=rights.role, organisations=others, clusters=rights.clusters)
            await unit.decide(ACCOUNT, row["id"], ChangeGrant(grant))
        else:
            await _erase_account(unit, receipt, row["id"])
