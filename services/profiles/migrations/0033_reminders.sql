-- Whether the mail that waits is a reminder: who objects to those meanwhile gets none, also where mail waits for hours.
ALTER TABLE survey_invitation ADD COLUMN reminded boolean NOT NULL DEFAULT false;
