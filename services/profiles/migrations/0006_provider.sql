-- Who is on the way over an OpenID provider, for minutes.
CREATE TABLE provider_attempt (
    state      text PRIMARY KEY,
    browser    text NOT NULL,
    nonce      text NOT NULL,
    verifier   text NOT NULL,
    place      text NOT NULL,
    expires_at timestamptz NOT NULL
);
