-- What matching knows of others: the newest public state of each organisation, idea and idea's owner.
CREATE TABLE organisation (
    id      uuid PRIMARY KEY,
    epoch   integer NOT NULL,
    version bigint NOT NULL,
    erased  boolean NOT NULL,
    doc     jsonb
);

CREATE TABLE idea (LIKE organisation INCLUDING ALL);

CREATE TABLE idea_owner (LIKE organisation INCLUDING ALL);
CREATE INDEX idea_owner_organisation ON idea_owner (((doc ->> 'organisation_id')::uuid));

-- Whose candidates are to be computed anew, and what caused it. Urgent: something may have to be withdrawn.
-- A token tells a request from an earlier one of the same aggregate, so that none is deleted unseen.
CREATE TABLE recomputation (
    kind         text NOT NULL,
    id           uuid NOT NULL,
    urgent       boolean NOT NULL,
    correlation  uuid NOT NULL,
    causation    uuid NOT NULL,
    requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    token        bigint GENERATED ALWAYS AS IDENTITY,
    PRIMARY KEY (kind, id)
);
CREATE INDEX recomputation_order ON recomputation (urgent DESC, requested_at);

-- The read model of matches. The pair is in order of ids, so that it is found from both sides.
CREATE TABLE match (
    id             uuid PRIMARY KEY,
    version        integer NOT NULL,
    public_version bigint NOT NULL,
    state          text NOT NULL,
    lower_id       uuid NOT NULL,
    higher_id      uuid NOT NULL,
    anchor         text NOT NULL,
    round          integer NOT NULL,
    proposed_at    timestamptz NOT NULL,
    expires_at     timestamptz NOT NULL,
    doc            jsonb NOT NULL,
    UNIQUE (lower_id, higher_id, anchor, round)
);
CREATE INDEX match_open ON match (expires_at) WHERE state = 'proposed';
CREATE INDEX match_open_anchor ON match (anchor) WHERE state = 'proposed';
CREATE INDEX match_higher ON match (higher_id);

CREATE TABLE match_side (
    match_id        uuid NOT NULL REFERENCES match,
    organisation_id uuid NOT NULL,
    open            boolean NOT NULL,
    PRIMARY KEY (organisation_id, match_id)
);
CREATE INDEX match_side_open ON match_side (organisation_id) WHERE open;
