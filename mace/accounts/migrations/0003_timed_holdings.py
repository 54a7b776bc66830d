"""A principal held until a moment (emergency access), and the records that a person is barred from."""

from django.db import migrations, models

FORWARD = r"""
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

-- The body is read when it runs: the tables of bars come later.
create or replace function mace_barred() returns bigint[]
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare barred bigint[];
begin
  if not exists (select 1 from public.access_bar where lifted_at is null) then return '{}'; end if;
  select array_agg(b.record_id) into barred
    from public.accounts_membership m join public.access_bar b on b.user_id = m.user_id and b.lifted_at is null
   where m.id = mace_seat();
  return case when barred is null then '{}' else access_around(barred) end;
end $$;
revoke all on function mace_barred() from public;
grant execute on function mace_barred() to mace_app;
"""

BACK = "drop function mace_barred()"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_seat_functions")]
    operations = [
        migrations.AddField(model_name="holding", name="until_at", field=models.DateTimeField(blank=True, null=True)),
        migrations.RunSQL(FORWARD, BACK),
    ]
