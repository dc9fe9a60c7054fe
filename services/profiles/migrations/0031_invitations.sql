-- Mails that invite somebody whom a manager let in. The link is made when the mail is written, so that no secret waits.
CREATE TABLE account_invitation (
    id             uuid PRIMARY KEY REFERENCES account ON DELETE CASCADE,
    mail           text NOT NULL,
    mail_wanted_at timestamptz NOT NULL,
    mail_tries     integer NOT NULL DEFAULT 0
);
CREATE INDEX account_invitation_mail ON account_invitation (mail_wanted_at) WHERE mail = 'wanted';

-- Mails that ask whether needs and offers still hold; `salt` makes the secret of the link.
CREATE TABLE confirmation (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    salt            bytea NOT NULL,
    mail            text NOT NULL,
    mail_wanted_at  timestamptz NOT NULL,
    mail_tries      integer NOT NULL DEFAULT 0,
    given_at        timestamptz
);
CREATE INDEX confirmation_mail ON confirmation (mail_wanted_at) WHERE mail = 'wanted';
CREATE INDEX confirmation_organisation ON confirmation (organisation_id, mail_wanted_at);
