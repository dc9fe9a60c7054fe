-- One per organisation and gathering. Tickets are drawn under the gathering's lock: their order is that of commits.
CREATE TABLE registration (
    id              uuid PRIMARY KEY,
    version         integer NOT NULL,
    gathering_id    uuid NOT NULL REFERENCES gathering,
    organisation_id uuid NOT NULL,
    state           text NOT NULL,
    ticket          bigint NOT NULL,
    registered_at   timestamptz NOT NULL,
    UNIQUE (gathering_id, organisation_id),
    UNIQUE (gathering_id, ticket)
);
CREATE INDEX registration_queue ON registration (gathering_id, state, ticket);
CREATE INDEX registration_organisation ON registration (organisation_id);
