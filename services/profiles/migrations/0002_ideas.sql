CREATE TABLE idea (
    id              uuid PRIMARY KEY,
    version         integer NOT NULL,
    organisation_id uuid NOT NULL,
    visibility      text NOT NULL,
    stage           text NOT NULL,
    posted_at       timestamptz NOT NULL,
    doc             jsonb NOT NULL
);
CREATE INDEX idea_newest ON idea (posted_at DESC, id DESC);
