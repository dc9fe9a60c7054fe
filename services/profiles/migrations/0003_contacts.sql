-- A mutable row and no stream: what is personal must be changeable and forgettable in place.
CREATE TABLE contact (
    organisation_id uuid PRIMARY KEY,
    contact_id      uuid NOT NULL UNIQUE,
    version         bigint NOT NULL,
    name            text NOT NULL,
    email           text NOT NULL,
    phone           text,
    language        text NOT NULL
);
