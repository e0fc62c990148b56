-- An account to log in to; $1 login
SELECT id, password_hash FROM app.account WHERE login = $1::text AND active;
