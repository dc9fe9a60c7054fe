-- Who an account is: a mutable row and no stream, so that a person can be forgotten. What it may do is an event-sourced
-- aggregate, and its state the runtime's table `access`.
CREATE TABLE account (
    id        uuid PRIMARY KEY,
    email     text NOT NULL,
    language  text NOT NULL,
    opened_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX account_email ON account (lower(email));

-- What people call their API keys: a text, so not in a stream either.
CREATE TABLE api_key (
    id         uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    name       text NOT NULL,
    issued_at  timestamptz NOT NULL
);
CREATE INDEX api_key_account ON api_key (account_id);

-- One-time links. Of the secret in a link only its digest is kept; `used_by` recognises the second of two clicks.
CREATE TABLE login_link (
    digest     text PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    place      text NOT NULL,
    made_at    timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    used_by    uuid,
    session_id uuid
);
CREATE INDEX login_link_account ON login_link (account_id);
CREATE INDEX login_link_age ON login_link (expires_at);

-- Who asked for links lately, by digests of addresses: so that nobody is flooded with mails.
CREATE TABLE login_request (
    about text NOT NULL,
    at    timestamptz NOT NULL
);
CREATE INDEX login_request_about ON login_request (about, at);

CREATE TABLE session (
    id         uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    began_at   timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL,
    browser    text NOT NULL,
    ended_at   timestamptz
);
CREATE INDEX session_account ON session (account_id, seen_at);

-- The keys that sessions are signed with, as JWKs with their secret half; a retired one has none.
CREATE TABLE signing_key (
    id         uuid PRIMARY KEY,
    version    bigint NOT NULL,
    jwk        jsonb,
    made_at    timestamptz NOT NULL,
    retired_at timestamptz
);
