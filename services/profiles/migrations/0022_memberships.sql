-- Who belongs to a cluster already was vouched for.
ALTER TABLE organisation ADD COLUMN unverified text[] NOT NULL DEFAULT '{}';
CREATE INDEX organisation_waiting ON organisation (lower(name), id) WHERE unverified <> '{}';
