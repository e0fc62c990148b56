-- Outbox rows delivered; $1 ids, $2 now
SELECT api.outbox_done($1::uuid[], $2::timestamptz);
