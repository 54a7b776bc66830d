"""What is withdrawn from an agency while a case is restricted does not come back to its people when that is lifted.

Before, what its people held was left set aside. Those on the list of a restricted record stay there: they were named on
it, whatever was shared with their agency.
"""

from importlib import import_module

from django.db import migrations

WRITING = import_module("mace.access.migrations.0005_two_locks").WRITING
BEFORE = WRITING[WRITING.index("create or replace function access_withdraw_agency") :]
WITHDRAW = r"""
create or replace function access_withdraw_agency(rec bigint, agency bigint) returns int
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare seat public.accounts_membership; gone int; itself int; theirs int[];
begin
  select * into seat from public.accounts_membership where id = mace_seat();
  if seat.role not in ('coordinator', 'chair', 'system') or access_held(rec) < 3 then
    raise insufficient_privilege using message = 'no such record';
  end if;
  select a.principal into itself from public.agencies_agency a where a.id = agency;
  select array_agg(m.principal) || itself into theirs from public.accounts_membership m
   where m.agency_id = agency and m.role in ('agency_lead', 'agency_member', 'auditor');
  delete from public.access_setaside g using public.access_record r
   where g.record_id = r.id and (r.id = rec or r.within_id = rec) and g.principal = any (theirs);
  delete from public.access_grant g using public.access_record r
   where g.record_id = r.id and (r.id = rec or r.within_id = rec) and g.principal = any (theirs)
     and (not r.restricted or g.principal = itself);
  get diagnostics gone = row_count;
  return gone;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0011_named_no_wider_than_their_agency")]
    operations = [migrations.RunSQL(WITHDRAW, BEFORE)]
