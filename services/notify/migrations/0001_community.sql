-- What notify knows of others: the newest public state of each organisation, contact, match and its parties.
CREATE TABLE organisation (
    id      uuid PRIMARY KEY,
    epoch   integer NOT NULL,
    version bigint NOT NULL,
    erased  boolean NOT NULL,
    doc     jsonb
);

CREATE TABLE contact (LIKE organisation INCLUDING ALL);
CREATE INDEX contact_organisation ON contact (((doc ->> 'organisation_id')::uuid));

CREATE TABLE match (LIKE organisation INCLUDING ALL);

CREATE TABLE parties (LIKE organisation INCLUDING ALL);
