-- The fold changes a parcel's row several times on its way. Nothing that changes on the way is in an index, and a page
-- keeps room for the next version, so PostgreSQL writes each in its place (a heap-only tuple) and no index at all. What
-- is still open, or ended on a day, is found by `ended_on`, which is written once, at the end.
ALTER TABLE app.parcel ADD COLUMN ended_on date; -- the Shanghai day of the final event; NULL while the parcel is under way
UPDATE app.parcel p SET ended_on = (p.state_at AT TIME ZONE 'Asia/Shanghai')::date
WHERE EXISTS (SELECT FROM app.kind k WHERE k.state = p.state AND k.final);
DROP INDEX app.parcel_site_id_state_id_idx;
CREATE INDEX parcel_open ON app.parcel (site_id, ended_on, id);
ALTER TABLE app.parcel SET (fillfactor = 70);

-- What a new event says goes with it to the fold, which then need not read the whole log of a parcel whose events came
-- one by one and in order. `kind` is NULL where the log must be read.
ALTER TABLE app.fold_queue ADD COLUMN event_id uuid, ADD COLUMN kind text, ADD COLUMN at timestamptz, ADD COLUMN courier_id uuid;
