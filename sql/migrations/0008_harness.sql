-- What the fault harness knows of a pulse or an edge beyond place and time, where it does.
ALTER TABLE harness.pulse ADD COLUMN grant_id uuid;
ALTER TABLE harness.edge ADD COLUMN boot bigint, ADD COLUMN seq bigint;
