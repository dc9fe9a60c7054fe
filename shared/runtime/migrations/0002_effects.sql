-- What effects (mail, webhook, audit fact) need so that each happens once per event.

-- The events that an effect has taken, or decided to leave alone: `taken`, `silent` (there before the first start),
-- `too old`. Rows older than an effect's maximum age may go: its events are then refused by their age.
CREATE TABLE inbox (
    effect  text COLLATE "C" NOT NULL,
    event   uuid NOT NULL,
    outcome text NOT NULL,
    at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (effect, event)
);
CREATE INDEX inbox_age ON inbox (at);

-- Where a topic ended when an effect first read it, and when: what lies before is not acted upon.
CREATE TABLE first_start (
    effect    text COLLATE "C" NOT NULL,
    partition integer NOT NULL,
    "offset"  bigint NOT NULL,
    at        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (effect, partition)
);

-- Events that wait, and behind them those of the same key, in the order of ids; `event` is null where it cannot be read.
CREATE TABLE pending (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    effect     text COLLATE "C" NOT NULL,
    topic      text NOT NULL,
    partition  integer NOT NULL,
    "offset"   bigint NOT NULL,
    key        bytea NOT NULL,
    value      bytea,
    event      uuid,
    reason     text NOT NULL,
    expires_at timestamptz NOT NULL,
    at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX pending_key ON pending (effect, key, id);
