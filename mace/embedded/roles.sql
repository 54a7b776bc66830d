-- The roles, once per cluster, as a superuser; may be run again. Migrations never make roles, because roles belong to the cluster.
-- mace_owner makes the tables; mace_web and mace_worker are bound by row-level security and get what mace_app is granted.
do $$
declare
  wanted text;
begin
  foreach wanted in array array['mace_app', 'mace_owner', 'mace_web', 'mace_worker'] loop
    if not exists (select from pg_roles where rolname = wanted) then
      begin
        execute format('create role %I', wanted);
      exception when duplicate_object or unique_violation then
        null;  -- made at the same moment by another connection
      end;
    end if;
  end loop;
end $$;

alter role mace_app nologin nosuperuser nocreatedb nocreaterole noinherit noreplication nobypassrls;
alter role mace_owner login nosuperuser nocreatedb nocreaterole inherit noreplication nobypassrls;
alter role mace_web login nosuperuser nocreatedb nocreaterole inherit noreplication nobypassrls;
alter role mace_worker login nosuperuser nocreatedb nocreaterole inherit noreplication nobypassrls;
grant mace_app to mace_web, mace_worker;

-- A request that hangs must not hold its locks for ever.
alter role mace_web set statement_timeout = '30s';
alter role mace_web set idle_in_transaction_session_timeout = '60s';
alter role mace_worker set idle_in_transaction_session_timeout = '300s';
