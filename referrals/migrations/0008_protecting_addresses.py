"""Knowing that an address is protected without knowing the address, and taking over from the ordinary one."""

from django.db import migrations

PROTECTING = r"""
-- A child's record with those that were merged with it.
create or replace function referrals_one_child(child bigint) returns bigint[]
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select array[child] || coalesce((
    select array_agg(case when m.child_id = child then m.into_id else m.child_id end) from public.referrals_childmerge m
     where m.undone_at is null and child in (m.child_id, m.into_id)), '{}') $$;

-- Whether named people are kept an address of this child: told to whoever holds the child in full, and no more than that.
create or replace function referrals_address_protected(child bigint) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  return access_held(child) = 3 and exists (select 1 from public.referrals_protectedaddress p
    where p.until_on is null and p.child_id = any (referrals_one_child(child)));
end $$;

-- From this day on what was known of where the child lives is no longer shown: the ordinary address goes from all records
-- of the child, protected ones end, also those that the seat may not see. For whoever holds the case or referral in full,
-- and not by emergency access.
create or replace function referrals_address_changes(rec bigint, day date) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare child bigint; children bigint[];
begin
  select r.about_id into child from public.access_record r where r.id = rec and r.kind in ('referral', 'case');
  if child is null or access_held(rec) < 3 or mace_role() = 'system' or not exists (
       select 1 from public.access_grant g where g.record_id = rec and g.scope = 3 and g.principal = any (mace_principals())
          and (g.until is null or g.until > now())
          and not exists (select 1 from public.access_emergencyaccess e where e.principal = g.principal)) then
    raise insufficient_privilege using message = 'no such record';
  end if;
  children := referrals_one_child(child);
  update public.referrals_childidentity set address = '' where child_id = any (children) and address <> '';
  update public.referrals_protectedaddress set until_on = greatest(day, since_on)
   where child_id = any (children) and until_on is null;
end $$;

revoke all on function referrals_one_child(bigint), referrals_address_protected(bigint),
  referrals_address_changes(bigint, date) from public;
grant execute on function referrals_address_protected(bigint), referrals_address_changes(bigint, date) to mace_app;
"""
BACK = """
drop function referrals_address_changes(bigint, date), referrals_address_protected(bigint), referrals_one_child(bigint)
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0007_one_child_and_new_leads")]
    operations = [migrations.RunSQL(PROTECTING, BACK)]
