-- The ctx of a session; $1 token hash, $2 now
SELECT jsonb_build_object('role', a.role, 'user_id', a.id, 'site_id', a.site_id, 'brand_id', a.brand_id, 'shop_id', a.shop_id, 'courier_id', a.courier_id)
FROM app.session s JOIN app.account a ON a.id = s.account_id AND a.active
WHERE s.token_hash = $1::text AND s.closed_at IS NULL AND s.expires_at > $2::timestamptz;
