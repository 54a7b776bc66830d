-- The logins' passwords, from the environment of psql (14 or newer); for servers that are reached over a network. After roles.sql.
\set ON_ERROR_STOP on
\getenv owner_password MACE_OWNER_PASSWORD
\getenv web_password MACE_WEB_PASSWORD
\getenv worker_password MACE_WORKER_PASSWORD
alter role mace_owner password :'owner_password';
alter role mace_web password :'web_password';
alter role mace_worker password :'worker_password';
