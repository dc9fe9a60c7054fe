-- What this service knows of others: of each the newest state, and only what is needed here.
CREATE TABLE organisation (
    id      uuid PRIMARY KEY,
    epoch   integer NOT NULL,
    version bigint NOT NULL,
    erased  boolean NOT NULL,
    doc     jsonb
);
CREATE INDEX organisation_erased ON organisation (id) WHERE erased;
CREATE INDEX organisation_clusters ON organisation USING gin ((doc -> 'clusters'));

CREATE TABLE contact (LIKE organisation INCLUDING DEFAULTS, PRIMARY KEY (id));
CREATE INDEX contact_organisation ON contact (((doc ->> 'organisation_id')::uuid));

CREATE TABLE match (LIKE organisation INCLUDING DEFAULTS, PRIMARY KEY (id));

CREATE TABLE match_parties (LIKE organisation INCLUDING DEFAULTS, PRIMARY KEY (id));
CREATE INDEX match_parties_first ON match_parties (((doc #>> '{parties,0,organisation_id}')::uuid));
