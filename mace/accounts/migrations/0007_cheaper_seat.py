"""The functions of the seat at what they cost, so that PostgreSQL asks them once and not once for every row.

It took them for cheap, and where ``accounts_membership`` is small read it from end to end with the token verified anew
for each row. Which principals a seat holds is one statement that is planned once in a session, and reads only the
organisation that its role stands for.
"""

from django.db import migrations

FORWARD = r"""
create or replace function mace_role() returns text
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  return (select m.role from public.accounts_membership m where m.id = mace_seat());
end $$;

create or replace function mace_principals() returns int[]
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  return (
    select array_remove(array[
             m.principal,
             case when m.role in ('coordinator', 'system') then
               (select p.principal from public.agencies_partnership p where p.id = m.partnership_id) end,
             case when m.role = 'agency_lead' then
               (select a.principal from public.agencies_agency a where a.id = m.agency_id) end,
             case when m.role = 'manager' then
               (select t.principal from public.agencies_team t where t.id = m.team_id) end
           ], null) || coalesce((select array_agg(h.principal) from public.accounts_holding h
                                  where h.membership_id = m.id and h.from_on <= current_date
                                    and (h.until_on is null or h.until_on >= current_date)
                                    and (h.until_at is null or h.until_at > now())), '{}')
      from public.accounts_membership m where m.id = mace_seat());
end $$;

alter function mace_seat() cost 2000;
alter function mace_role() cost 2000;
alter function mace_principals() cost 4000;
alter function mace_barred() cost 1000;
"""

BACK = r"""
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
                                  and (h.until_on is null or h.until_on >= current_date)
                                  and (h.until_at is null or h.until_at > now())), '{}')
    from public.accounts_membership m
    join public.agencies_partnership p on p.id = m.partnership_id
    join public.agencies_agency a on a.id = m.agency_id
    left join public.agencies_team t on t.id = m.team_id
   where m.id = mace_seat() $$;

alter function mace_seat() cost 100;
alter function mace_role() cost 100;
alter function mace_principals() cost 100;
alter function mace_barred() cost 100;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_emergencies_untold")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
