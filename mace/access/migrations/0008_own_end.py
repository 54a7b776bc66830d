"""Nobody prolongs what they hold: what ends for a seat ends for it too when it is given to itself once more.

Replaces ``access_share``, which bound only what was handed on to others. Whoever held a case for three hours, in an
emergency, could have given it to themselves for ever.
"""

from django.db import migrations

SHARE = r"""
create or replace function access_share(rec bigint, prin int, new_scope smallint, new_until timestamptz default null)
returns boolean
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare mine int[] := mace_principals(); seat public.accounts_membership; held smallint; r public.access_record;
  lasts timestamptz := new_until; own_end timestamptz; named smallint := 3;
begin
  select * into seat from public.accounts_membership where id = mace_seat();
  select * into r from public.access_record where id = rec;
  held := access_held(rec);
  if held = 0 or held < new_scope or new_scope not in (1, 2, 3) then
    raise insufficient_privilege using message = 'no such record';
  end if;
  if seat.role not in ('coordinator', 'chair', 'system') and not (
       prin = any (mine)
       or (seat.role in ('practitioner', 'manager', 'agency_lead', 'agency_member')
           and prin = (select p.principal from public.agencies_partnership p where p.id = r.partnership_id))
       or (seat.role in ('practitioner', 'manager', 'agency_lead') and (
           exists (select 1 from public.accounts_membership m where m.principal = prin and m.agency_id = seat.agency_id
                      and m.partnership_id = seat.partnership_id)
           or exists (select 1 from public.agencies_team t where t.principal = prin and t.agency_id = seat.agency_id)))
       or (r.kind in ('referral', 'case', 'child') and seat.role in ('agency_lead', 'agency_member') and held = 3
           and exists (select 1 from public.agencies_team t where t.principal = prin and t.agency_id = seat.agency_id))
       or (r.kind = 'address' and held = 3)
     ) then
    raise insufficient_privilege using message = 'this seat may not share the record so';
  end if;
  if r.kind = 'address' and not exists (
       select 1 from public.accounts_membership m where m.principal = prin and m.partnership_id = r.partnership_id) then
    raise insufficient_privilege using message = 'a protected address is shown to named people only';
  end if;
  if seat.role not in ('coordinator', 'chair', 'system') then
    -- nobody hands on for longer than they hold it themselves, nor prolongs what they hold
    select case when bool_or(g.until is null) then null else max(g.until) end into own_end
      from public.access_grant g where g.record_id = rec and g.principal = any (mine) and g.scope >= new_scope;
    lasts := least(lasts, own_end);
  end if;
  if r.restricted and not exists (
       select 1 from public.accounts_membership m where m.principal = prin and m.role = 'system') then
    select max(k.scope) into named from public.access_grant k join public.access_record a on a.id = k.record_id
     where k.principal = prin and a.restricted and a.kind in ('referral', 'case') and a.id = any (access_around(array[rec]));
  end if;
  if named is null then
    insert into public.access_setaside (record_id, principal, scope, until) values (rec, prin, new_scope, lasts)
    on conflict (record_id, principal) do update set scope = excluded.scope, until = excluded.until;
    return false;
  end if;
  insert into public.access_grant (record_id, principal, kind, scope, sort_at, until)
  values (rec, prin, r.kind, least(new_scope, named), r.sort_at, lasts)
  on conflict (record_id, principal) do update set scope = excluded.scope, until = excluded.until
    where (public.access_grant.scope, public.access_grant.until) is distinct from (excluded.scope, excluded.until);
  return true;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0007_grant_of_record")]
    operations = [migrations.RunSQL(SHARE, migrations.RunSQL.noop)]
