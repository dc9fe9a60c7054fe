-- By which key a list knows an organisation. The primary key is what keeps two imports from creating it twice.
CREATE TABLE external_key (
    source          text NOT NULL,
    key             text NOT NULL,
    organisation_id uuid NOT NULL,
    PRIMARY KEY (source, key)
);
