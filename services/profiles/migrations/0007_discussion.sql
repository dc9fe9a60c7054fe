CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- What is searched: small letters, umlauts written out. Words is made of the row itself, so that it changes with it.
CREATE FUNCTION folded(said text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT replace(replace(replace(replace(lower(said), 'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue'), 'ß', 'ss')
$$;
ALTER TABLE idea
    ADD COLUMN joined integer NOT NULL DEFAULT 0,
    ADD COLUMN words text GENERATED ALWAYS AS (folded(
        (doc -> 'content' ->> 'title') || ' ' || (doc -> 'content' ->> 'text') || ' ' || (doc -> 'content' ->> 'tags')
    )) STORED;
CREATE INDEX idea_words ON idea USING gin (words gin_trgm_ops);
CREATE INDEX idea_tags ON idea USING gin ((doc -> 'content' -> 'tags'));
CREATE INDEX idea_most_joined ON idea (joined DESC, posted_at DESC, id DESC);
CREATE INDEX idea_organisation ON idea (organisation_id);

CREATE TABLE comment (
    id              uuid PRIMARY KEY,
    version         integer NOT NULL,
    idea_id         uuid NOT NULL,
    organisation_id uuid NOT NULL,
    shown           boolean NOT NULL,
    written_at      timestamptz NOT NULL,
    doc             jsonb NOT NULL
);
CREATE INDEX comment_newest ON comment (idea_id, written_at DESC, id DESC);

CREATE TABLE interest (
    idea_id         uuid NOT NULL,
    organisation_id uuid NOT NULL,
    since           timestamptz NOT NULL,
    PRIMARY KEY (idea_id, organisation_id)
);

-- Who follows what is nobody else's business and no history: a row and no stream.
CREATE TABLE follow (
    account text NOT NULL,
    idea_id uuid NOT NULL,
    PRIMARY KEY (account, idea_id)
);
