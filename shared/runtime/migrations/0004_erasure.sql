-- What was erased, by receipt: ids, kinds, times and counts; it names no one. Also what is erased again after a restore.
CREATE TABLE erasure (
    receipt uuid NOT NULL,
    kind    text COLLATE "C" NOT NULL,
    id      uuid NOT NULL,
    texts   integer NOT NULL,
    at      timestamptz NOT NULL,
    PRIMARY KEY (receipt, kind, id)
);
