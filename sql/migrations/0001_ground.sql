-- Schemas, the daemon's role, and what every later file leans on. btree_gist carries the rule that one compartment
-- holds the parcels of one recipient only (an exclusion constraint over equal locker, equal door, other recipient).
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE SCHEMA app;
CREATE SCHEMA api;
CREATE SCHEMA harness;

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'yizhan_app') THEN
    CREATE ROLE yizhan_app NOLOGIN;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'yizhan_ro') THEN
    CREATE ROLE yizhan_ro NOLOGIN;
  END IF;
END $$;

GRANT USAGE ON SCHEMA app, api TO yizhan_app;
GRANT USAGE ON SCHEMA app TO yizhan_ro;
