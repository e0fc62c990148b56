-- (id, how) is what deposits refer to and holds every id once already: one index less to write for each parcel.
ALTER TABLE app.consent DROP CONSTRAINT consent_pkey;
