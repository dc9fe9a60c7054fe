CREATE TABLE thing (id uuid PRIMARY KEY, epoch integer NOT NULL, version bigint NOT NULL, erased boolean NOT NULL, doc jsonb);
CREATE TABLE count (id uuid PRIMARY KEY, total integer NOT NULL);
-- What an effect did, for each time that it did it.
CREATE TABLE done (id bigint GENERATED ALWAYS AS IDENTITY, event uuid NOT NULL, subject uuid NOT NULL, version bigint NOT NULL);
