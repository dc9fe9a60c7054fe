-- How many messages the sides of a match have not read, as matching tells it: ids and counts.
CREATE TABLE conversation (
    id      uuid PRIMARY KEY,
    epoch   integer NOT NULL,
    version bigint NOT NULL,
    erased  boolean NOT NULL,
    doc     jsonb
);
CREATE INDEX conversation_match ON conversation (((doc ->> 'match_id')::uuid));
CREATE INDEX mail_of_match ON mail (match_id, organisation_id);
