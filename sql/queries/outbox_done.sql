-- Outbox rows delivered; $1 ids, $2 now, $3 zones held, $4 their epochs
SELECT api.outbox_done($1::uuid[], $2::timestamptz, $3::uuid[], $4::bigint[]);
