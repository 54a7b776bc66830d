"""How the database learns for itself who it works for: a signed token, verified with a key the application cannot read."""

from django.db import migrations

FORWARD = r"""
create or replace function mace_seat() returns bigint
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  token text := nullif(current_setting('mace.seat', true), '');
  part text[];
  secret bytea;
  found bigint;
begin
  if token is null then return null; end if;
  part := string_to_array(token, '.');
  if array_length(part, 1) is distinct from 4 or part[1] !~ '^[0-9]{1,18}$' or part[2] !~ '^[0-9]{1,12}$' then
    return null;
  end if;
  select k.key into secret from public.accounts_seatkey k;
  if secret is null then return null; end if;
  if encode(sha256(secret || sha256(secret || convert_to(part[1] || '.' || part[2] || '.' || part[3], 'UTF8'))), 'hex')
     <> part[4] then return null; end if;
  if part[2]::bigint < extract(epoch from now()) then return null; end if;
  select m.id into found from public.accounts_membership m join public.accounts_user u on u.id = m.user_id
   where m.id = part[1]::bigint and m.from_on <= current_date and (m.until_on is null or m.until_on >= current_date)
     and (u.is_active or m.role = 'system');
  return found;
end $$;

create or replace function mace_role() returns text
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select m.role from public.accounts_membership m where m.id = mace_seat() $$;

create or replace function mace_principals() returns int[]
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select array_remove(array[
           m.principal,
           case when m.role in ('coordinator', 'system') then p.principal end,
           case when m.role = 'agency_lead' then a.principal end,
           case when m.role = 'manager' then t.principal end
         ], null) || coalesce((select array_agg(h.principal) from public.accounts_holding h
                                where h.membership_id = m.id and h.from_on <= current_date
                                  and (h.until_on is null or h.until_on >= current_date)), '{}')
    from public.accounts_membership m
    join public.agencies_partnership p on p.id = m.partnership_id
    join public.agencies_agency a on a.id = m.agency_id
    left join public.agencies_team t on t.id = m.team_id
   where m.id = mace_seat() $$;

revoke all on function mace_seat(), mace_role(), mace_principals() from public;
grant execute on function mace_seat(), mace_role(), mace_principals() to mace_app;
"""

BACK = r"""
create or replace function mace_seat() returns bigint language sql stable as $$ select null::bigint $$;
create or replace function mace_role() returns text language sql stable as $$ select null::text $$;
create or replace function mace_principals() returns int[] language sql stable as $$ select null::int[] $$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("audit", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
