-- Lists that managers sent, between the steps of an import. What they hold is personal: it goes when it is imported, and
-- in any case soon.
CREATE TABLE upload (
    id         uuid PRIMARY KEY,
    account    text NOT NULL,
    cluster    text NOT NULL,
    name       text NOT NULL,
    format     text NOT NULL,
    content    bytea,
    mapped     jsonb,
    step       text NOT NULL DEFAULT 'sent',
    done       integer NOT NULL DEFAULT 0,
    total      integer NOT NULL DEFAULT 0,
    report     jsonb,
    beat_at    timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX upload_created ON upload (created_at);
