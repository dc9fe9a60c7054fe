-- By this a list is still recognised that brings back what was erased; of the key itself, which may be a name, nothing
-- is left.
CREATE FUNCTION erased_key(key text) RETURNS text LANGUAGE sql STABLE
    RETURN 'erased:' || encode(sha256(convert_to(key, 'UTF8')), 'hex');
CREATE INDEX external_key_organisation ON external_key (organisation_id);
