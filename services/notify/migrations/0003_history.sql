-- What happened, across services: ids, kinds, times and numbers; no text, so it survives erasure.
-- Hidden: somebody in it wants to stay anonymous. Such a row names only who never was, and is linked by its
-- correlation to other hidden rows alone.
CREATE TABLE history (
    id          uuid PRIMARY KEY,
    service     text NOT NULL,
    kind        text NOT NULL,
    type        text NOT NULL,
    subject     uuid NOT NULL,
    epoch       integer NOT NULL,
    version     bigint NOT NULL,
    at          timestamptz NOT NULL,
    actor_kind  text NOT NULL,
    correlation uuid NOT NULL,
    causation   uuid NOT NULL,
    code        text NOT NULL,
    hidden      boolean NOT NULL,
    refs        uuid[] NOT NULL
);
CREATE INDEX history_subject ON history (subject);
CREATE INDEX history_correlation ON history (correlation);
CREATE INDEX history_refs ON history USING gin (refs);
CREATE INDEX history_at ON history (at, id);
