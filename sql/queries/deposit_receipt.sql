-- Takes a locker's receipt carried by the handheld; $1 ctx, $2 now, $3 body
SELECT status, body FROM api.deposit_receipt($1::jsonb, $2::timestamptz, $3::jsonb);
