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

-- What people entered stays out of the server's log: neither the values of a violated key nor the statement and its values.
do $$
declare
  named text;
begin
  foreach named in array array['mace_owner', 'mace_web', 'mace_worker'] loop
    execute format('alter role %I set log_error_verbosity = ''terse''', named);
    execute format('alter role %I set log_min_error_statement = ''panic''', named);
    execute format('alter role %I set log_parameter_max_length_on_error = 0', named);
    execute format('alter role %I set log_min_duration_statement = -1', named);
    execute format('alter role %I set log_statement = ''none''', named);
  end loop;
end $$;
