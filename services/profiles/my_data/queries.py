"""What profiles keeps about somebody: the account, and all that belongs to the organisations that it acts for."""

from typing import Final

from shared.runtime.refusals import Message
from shared.web.my_data import Section, of_account, of_organisations

ACCOUNT = """
    SELECT to_jsonb(account) - 'id' || access.doc - 'ended_sessions' - 'api_keys'
    FROM account JOIN access ON access.id = account.id WHERE account.id = $1::text::uuid
"""
SESSIONS = """
    SELECT to_jsonb(session) - 'account_id' FROM session WHERE account_id = $1::text::uuid
    ORDER BY began_at
"""
LINKS = """
    SELECT jsonb_build_object('made_at', made_at, 'used_at', used_at) FROM login_link
    WHERE account_id = $1::text::uuid ORDER BY made_at
"""
KEYS = """
    SELECT to_jsonb(api_key) - 'account_id' FROM api_key WHERE account_id = $1::text::uuid
    ORDER BY issued_at
"""
FOLLOWS = """
    SELECT jsonb_build_object('idea_id', idea_id) FROM follow
    WHERE account = $1 ORDER BY idea_id
"""
REPORTS = """
    SELECT jsonb_build_object('idea_id', idea_id, 'comment_id', comment_id, 'reason', reason, 'text', said,
        'reported_at', reported_at, 'settled_at', settled_at)
    FROM report WHERE reporter = $1 ORDER BY reported_at
"""
ORGANISATIONS = """
    SELECT jsonb_build_object('id', id) || doc FROM organisation
    WHERE id = ANY($1::uuid[]) ORDER BY lower(name)
"""
CONTACTS = """
    SELECT to_jsonb(contact) FROM contact
    WHERE organisation_id = ANY($1::uuid[]) ORDER BY organisation_id
"""
LISTS = """
    SELECT to_jsonb(external_key) FROM external_key
    WHERE organisation_id = ANY($1::uuid[]) ORDER BY source, key
"""
IDEAS = """
    SELECT jsonb_build_object('id', id, 'posted_at', posted_at) || doc FROM idea
    WHERE organisation_id = ANY($1::uuid[]) ORDER BY posted_at
"""
COMMENTS = """
    SELECT jsonb_build_object('id', id, 'idea_id', idea_id, 'written_at', written_at) || doc FROM comment
    WHERE organisation_id = ANY($1::uuid[]) ORDER BY written_at
"""
INTERESTS = """
    SELECT to_jsonb(interest) FROM interest
    WHERE organisation_id = ANY($1::uuid[]) ORDER BY since
"""
ANSWERS = """
    SELECT jsonb_build_object('survey', survey.doc #>> '{content,title}', 'begun_at', asked.begun_at,
        'given_at', asked.given_at, 'answers', asked.answers)
    FROM survey_invitation AS asked JOIN survey ON survey.id = asked.survey_id
    WHERE asked.organisation_id = ANY($1::uuid[]) ORDER BY survey.begun_at
"""
HISTORY = """
    SELECT jsonb_build_object('at', at, 'type', type, 'by', actor_kind, 'data', data) FROM event
    WHERE stream = ANY(SELECT 'organisation-' || one FROM unnest($1::uuid[]) AS one)
    ORDER BY stream, version
"""

SECTIONS: Final = (
    Section("account", Message("Your account"), of_account(ACCOUNT)),
    Section("sessions", Message("Sessions"), of_account(SESSIONS)),
    Section("links", Message("Links to sign in"), of_account(LINKS)),
    Section("api_keys", Message("API keys"), of_account(KEYS)),
    Section("follows", Message("Ideas that you follow"), of_account(FOLLOWS)),
    Section("reports", Message("What you reported"), of_account(REPORTS)),
    Section("organisations", Message("Your organisations"), of_organisations(ORGANISATIONS)),
    Section("contacts", Message("Contacts"), of_organisations(CONTACTS)),
    Section("lists", Message("Lists that your organisations were imported from"), of_organisations(LISTS)),
    Section("ideas", Message("Ideas of your organisations"), of_organisations(IDEAS)),
    Section("comments", Message("Comments of your organisations"), of_organisations(COMMENTS)),
    Section("interests", Message("Ideas that your organisations would join"), of_organisations(INTERESTS)),
    Section("answers", Message("Answers to surveys"), of_organisations(ANSWERS)),
    Section("history", Message("History of your organisations"), of_organisations(HISTORY)),
)
