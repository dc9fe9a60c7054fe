-- What the two sides of a match write to each other. `text` is null once the side that wrote it was erased.
CREATE TABLE message (
    id              uuid PRIMARY KEY,
    match_id        uuid NOT NULL REFERENCES match,
    organisation_id uuid NOT NULL,
    number          integer NOT NULL,
    on_behalf       boolean NOT NULL,
    written_at      timestamptz NOT NULL,
    text            text,
    unread          boolean NOT NULL DEFAULT true,
    reported_at     timestamptz,
    settled_at      timestamptz,
    note            text,
    UNIQUE (match_id, number)
);
CREATE INDEX message_organisation ON message (organisation_id);
CREATE INDEX message_reported ON message (reported_at) WHERE reported_at IS NOT NULL;

-- A side of a conversation: whether it wants no messages, whether it was erased, and how many it has not read.
CREATE TABLE conversation_side (
    match_id        uuid NOT NULL REFERENCES match,
    organisation_id uuid NOT NULL,
    closed          boolean NOT NULL,
    erased          boolean NOT NULL,
    unread          integer NOT NULL,
    PRIMARY KEY (organisation_id, match_id)
);
CREATE INDEX conversation_side_match ON conversation_side (match_id);
CREATE INDEX organisation_erased ON organisation (id) WHERE erased;
