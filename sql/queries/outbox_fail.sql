-- An outbox row not delivered; $1 id, $2 real now, $3 error
SELECT api.outbox_fail($1::uuid, $2::timestamptz, $3::text);
