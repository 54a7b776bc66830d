"""What the worker must know of files that its seat does not see: which wait to be scanned, and which are there at all.

All three are for the system's seat and its own partnership; every other seat is refused, so that a sweep in the wrong
seat removes nothing.
"""

from django.db import migrations

FORWARD = r"""
create or replace function attachments_own_partnership() returns bigint
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare mine bigint;
begin
  select m.partnership_id into mine from public.accounts_membership m where m.id = mace_seat() and m.role = 'system';
  if mine is null then raise insufficient_privilege using message = 'for the service itself'; end if;
  return mine;
end $$;

-- Files that were not scanned yet, those that waited longest first.
create or replace function attachments_to_scan(most int)
returns table (id bigint, reference text, file uuid, size int, sha256 text)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp rows 25 as $$
declare mine bigint := attachments_own_partnership();
begin
  return query select a.id, a.reference::text, a.file, a.size, a.sha256::text from public.attachments_attachment a
    where a.partnership_id = mine and a.removed_at is null and a.scan in ('waiting', 'not_scanned', 'failed')
    order by a.scanned_at nulls first, a.id limit most;
end $$;

-- Writes what the scanner said of one of them. What is infected is removed; it alone is answered, with whom to tell.
create or replace function attachments_scanned(attachment bigint, verdict text, said timestamptz)
returns table (reference text, file uuid, record_id bigint, added_by_id bigint)
language plpgsql security definer set search_path = pg_catalog, public, pg_temp rows 1 as $$
declare mine bigint := attachments_own_partnership(); bad boolean := verdict = 'infected';
begin
  if verdict is null or verdict not in ('clean', 'infected', 'failed') then
    raise insufficient_privilege using message = 'no such verdict';
  end if;
  return query with told as (
    update public.attachments_attachment a set scan = verdict, scanned_at = said,
           removed_at = case when bad then said end, removed_by_id = case when bad then mace_seat() end,
           removed_reason = case when bad then 'A virus was found' else '' end
     where a.id = attachment and a.partnership_id = mine and a.removed_at is null
       and a.scan in ('waiting', 'not_scanned', 'failed')
    returning a.reference, a.file, a.record_id, a.added_by_id)
  select t.reference::text, t.file, t.record_id, t.added_by_id from told t where bad;
end $$;

-- Of these files, those that belong to a row which is not removed.
create or replace function attachments_kept(files uuid[]) returns table (file uuid)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp rows 500 as $$
declare mine bigint := attachments_own_partnership();
begin
  return query select a.file from public.attachments_attachment a
    where a.file = any (files) and a.partnership_id = mine and a.removed_at is null;
end $$;

revoke all on function attachments_own_partnership(), attachments_to_scan(int),
  attachments_scanned(bigint, text, timestamptz), attachments_kept(uuid[]) from public;
grant execute on function attachments_to_scan(int), attachments_scanned(bigint, text, timestamptz),
  attachments_kept(uuid[]) to mace_app;
"""
BACK = (
    "drop function attachments_kept(uuid[]), attachments_scanned(bigint, text, timestamptz), attachments_to_scan(int), "
    "attachments_own_partnership()"
)


class Migration(migrations.Migration):
    dependencies = [("attachments", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
