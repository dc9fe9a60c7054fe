-- The clusters of the manager who invited: until somebody acts for an organisation, only their managers see the account.
ALTER TABLE account_invitation ADD COLUMN clusters text[] NOT NULL DEFAULT '{}';
