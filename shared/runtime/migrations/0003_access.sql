-- What each account may do, and the public keys that sessions are signed with, by id: as profiles tells it.
-- profiles itself writes it in the transaction of the change, the others as it arrives. Each request reads two rows.
CREATE TABLE access (
    id      uuid PRIMARY KEY,
    epoch   integer NOT NULL,
    version bigint NOT NULL,
    erased  boolean NOT NULL,
    doc     jsonb
);
