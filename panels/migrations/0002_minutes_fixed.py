"""Approved minutes are fixed: whoever writes, by whatever way."""

from django.db import migrations

FORWARD = r"""
create or replace function panels_minutes_fixed() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if exists (select 1 from public.panels_agendaitem i join public.panels_meeting m on m.record_id = i.meeting_id
              where i.record_id = coalesce(new.item_id, old.item_id) and m.status in ('approved', 'closed')) then
    raise check_violation using message = 'approved minutes are fixed', constraint = 'approved_minutes_are_fixed';
  end if;
  return coalesce(new, old);
end $$;
revoke all on function panels_minutes_fixed() from public;
create trigger panels_minutes_fixed before insert or update or delete on panels_minute
  for each row execute function panels_minutes_fixed();
"""

BACK = "drop trigger panels_minutes_fixed on panels_minute; drop function panels_minutes_fixed()"


class Migration(migrations.Migration):
    dependencies = [("panels", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
