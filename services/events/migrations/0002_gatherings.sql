-- The row is also what everyone locks who changes a gathering or who comes to it.
CREATE TABLE gathering (
    id        uuid PRIMARY KEY,
    version   integer NOT NULL,
    state     text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at   timestamptz NOT NULL,
    doc       jsonb NOT NULL
);
CREATE INDEX gathering_start ON gathering (starts_at, id);
