-- Surveys: the aggregate's read model. `salt` makes the secrets of the personal links, so that none is kept.
CREATE TABLE survey (
    id        uuid PRIMARY KEY,
    version   bigint NOT NULL,
    cluster   text NOT NULL,
    state     text NOT NULL,
    begun_at  timestamptz NOT NULL,
    salt      bytea NOT NULL,
    doc       jsonb NOT NULL
);
CREATE INDEX survey_newest ON survey (cluster, begun_at DESC, id);

-- Whom a survey asked, and what they answered: mutable rows and no stream, so that answers can be forgotten.
-- `answers` fills while somebody writes, and counts once `given_at` is set. Of a mail only its state is kept.
CREATE TABLE survey_invitation (
    id              uuid PRIMARY KEY,
    survey_id       uuid NOT NULL REFERENCES survey,
    organisation_id uuid NOT NULL,
    mail            text NOT NULL,
    mail_wanted_at  timestamptz NOT NULL,
    mail_tries      integer NOT NULL DEFAULT 0,
    answers         jsonb NOT NULL DEFAULT '{}',
    begun_at        timestamptz,
    given_at        timestamptz,
    UNIQUE (survey_id, organisation_id)
);
CREATE INDEX survey_invitation_mail ON survey_invitation (mail_wanted_at) WHERE mail = 'wanted';
CREATE INDEX survey_invitation_organisation ON survey_invitation (organisation_id);

-- Which answers became needs.
CREATE TABLE survey_need (
    invitation_id uuid NOT NULL REFERENCES survey_invitation ON DELETE CASCADE,
    question_id   uuid NOT NULL,
    entry_id      uuid NOT NULL,
    PRIMARY KEY (invitation_id, question_id)
);
