-- Gives all leases back; $1 whose
SELECT api.leases_give($1::text);
