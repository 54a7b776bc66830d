"""Erasing files whose time is up, for the system seat of a partnership: it sees none of them."""

from django.db import migrations

FORWARD = r"""
create or replace function exporting_erase(at timestamptz, waiting_since timestamptz) returns integer
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare here bigint; erased integer;
begin
  select m.partnership_id into here from public.accounts_membership m where m.id = mace_seat() and m.role = 'system';
  if here is null then
    raise insufficient_privilege using message = 'only the system seat erases exports';
  end if;
  delete from public.exporting_exportfile f using public.exporting_export e
   where e.id = f.export_id and e.partnership_id = here and e.expires_at <= at;
  get diagnostics erased = row_count;
  update public.exporting_export e set status = 'expired'
   where e.partnership_id = here and e.status = 'ready' and e.expires_at <= at;
  update public.exporting_export e set status = 'failed', problem = 'It was not made within a day. Ask again'
   where e.partnership_id = here and e.status = 'waiting' and e.asked_at <= waiting_since;
  return erased;
end $$;
revoke all on function exporting_erase(timestamptz, timestamptz) from public;
grant execute on function exporting_erase(timestamptz, timestamptz) to mace_app;
"""


class Migration(migrations.Migration):
    dependencies = [("exporting", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, "drop function exporting_erase(timestamptz, timestamptz)")]
