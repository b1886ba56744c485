-- The commit a run looked at, and when it was made in milliseconds; NULL: no work tree, or one that differed from its commit.
ALTER TABLE run ADD COLUMN revision TEXT;
ALTER TABLE run ADD COLUMN committed INTEGER;
