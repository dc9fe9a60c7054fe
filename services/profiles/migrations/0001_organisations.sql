CREATE TABLE organisation (
    id       uuid PRIMARY KEY,
    version  integer NOT NULL,
    name     text NOT NULL,
    clusters text[] NOT NULL,
    doc      jsonb NOT NULL
);
CREATE INDEX organisation_name ON organisation (lower(name), id);
