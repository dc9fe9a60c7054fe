-- The tables that every service has. One database per service, so no prefix.

-- The log. The primary key is the optimistic lock: of two commands that saw the same version one fails.
-- xid lets a reader of the whole log stay below the oldest running transaction, so that it never skips a late commit.
CREATE TABLE event (
    stream      text COLLATE "C" NOT NULL,
    version     integer NOT NULL,
    id          uuid NOT NULL,
    type        text NOT NULL,
    data        jsonb NOT NULL,
    actor       text NOT NULL,
    actor_kind  text NOT NULL,
    correlation uuid NOT NULL,
    causation   uuid NOT NULL,
    at          timestamptz NOT NULL,
    position    bigint GENERATED ALWAYS AS IDENTITY,
    xid         xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (stream, version)
);
CREATE INDEX event_log ON event (xid, position);

-- Raised after a restore to an earlier moment, so that what consumers saw of the lost future is outdated.
CREATE TABLE epoch (epoch integer NOT NULL);
CREATE UNIQUE INDEX epoch_single ON epoch ((true));
INSERT INTO epoch VALUES (1);

-- First answers of commands: the same id again gets the same answer. Ids and hashes only, never text.
CREATE TABLE command (
    actor        text NOT NULL,
    id           uuid NOT NULL,
    request_hash bytea NOT NULL,
    status       smallint NOT NULL,
    subject      uuid NOT NULL,
    version      bigint NOT NULL,
    at           timestamptz NOT NULL,
    PRIMARY KEY (actor, id)
);
CREATE INDEX command_age ON command (at);

-- The last published record of each key: its public version, and what a lost topic is refilled with.
CREATE TABLE publication (
    key     uuid NOT NULL,
    topic   text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    record  bytea NOT NULL,
    PRIMARY KEY (key, topic)
);

-- A queue, not a log: the relay deletes what the broker acknowledged, so it cannot skip a row that commits late.
CREATE TABLE outbox (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic    text NOT NULL,
    key      uuid NOT NULL,
    value    bytea NOT NULL,
    at       timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- What could not be taken in (or sent out), with the bytes as they came and the reason.
CREATE TABLE parked (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subscription  text NOT NULL,
    topic         text NOT NULL,
    partition     integer NOT NULL,
    "offset"      bigint NOT NULL,
    key           bytea,
    value         bytea,
    reason        text NOT NULL,
    at            timestamptz NOT NULL DEFAULT now(),
    superseded_at timestamptz,
    UNIQUE (subscription, topic, partition, "offset")
);
CREATE INDEX parked_key ON parked (subscription, key) WHERE superseded_at IS NULL;
