-- What a database needs before the first migration, as a superuser inside that database; may be run again. After roles.sql.
-- No default privileges: a new table opens to nobody until its migration says so.
do $$
begin
  execute format('alter database %I owner to mace_owner', current_database());
  execute format('revoke all on database %I from public', current_database());
  execute format('grant connect on database %I to mace_app', current_database());
end $$;

alter schema public owner to mace_owner;
revoke all on schema public from public;
grant usage on schema public to mace_app;

create extension if not exists pg_trgm schema public;
create extension if not exists fuzzystrmatch schema public;
create extension if not exists unaccent schema public;
create extension if not exists btree_gist schema public;
