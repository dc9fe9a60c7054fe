-- A mail that is wanted, and what became of it. Neither an address nor a text: both are looked up when it is sent.
CREATE TABLE mail (
    id              uuid PRIMARY KEY,
    cause           uuid NOT NULL,
    kind            text NOT NULL,
    match_id        uuid NOT NULL,
    organisation_id uuid NOT NULL,
    role            text NOT NULL,
    state           text NOT NULL DEFAULT 'wanted',
    reason          text NOT NULL DEFAULT '',
    contact_id      uuid,
    attempts        integer NOT NULL DEFAULT 0,
    wanted_at       timestamptz NOT NULL,
    due_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    done_at         timestamptz
);
CREATE INDEX mail_due ON mail (due_at) WHERE state = 'wanted';
CREATE INDEX mail_waiting ON mail (organisation_id) WHERE state = 'wanted' AND reason = 'no contact known';
CREATE INDEX mail_age ON mail (done_at);
